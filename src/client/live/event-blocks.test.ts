import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EventBlockReader } from "./event-blocks.ts"

const blocksOf = (...texts: string[]) => {
  const reader = new EventBlockReader()
  return texts.flatMap((text) => reader.read(text))
}

describe("blocks", () => {
  test("are read as the service writes them", () => {
    const stream =
      'retry: 2000\nid: a\n\nid: b\nevent: reservation.held\ndata: {"x":1}\n\n: heartbeat\nid: c\n\n'
    expect(blocksOf(stream)).toEqual([
      { id: "a", type: "message", data: null },
      { id: "b", type: "reservation.held", data: '{"x":1}' },
      { id: "c", type: "message", data: null },
    ])
  })

  test("keep the last id, and nothing else of the block before", () => {
    expect(blocksOf("id: a\nevent: x\ndata: 1\n\ndata:2\n\n")).toEqual([
      { id: "a", type: "x", data: "1" },
      { id: "a", type: "message", data: "2" },
    ])
  })

  test("may have several lines, no value, and an id that is none", () => {
    expect(blocksOf("data: 1\ndata\ndata:  2\nid: a\0b\nunknown: x\n\n")).toEqual([
      { id: null, type: "message", data: "1\n\n 2" },
    ])
  })

  test("that broke off are none", () => {
    expect(blocksOf("id: a\ndata: 1\n\nid: b\ndata: 2\n")).toEqual([{ id: "a", type: "message", data: "1" }])
  })

  test("are the same however the text is cut, and whichever line ends are used", () => {
    const line = fc.constantFrom("id: 7", "event: x", "data: 1", "data: é🧺", ": c", "", "", "retry: 5")
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r")
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        lineEnd,
        fc.infiniteStream(fc.nat(9)),
        (lines, end, cuts) => {
          // A carriage return at the very end may be half of a line end.
          const text = lines.map((one) => one + end).join("") + (end === "\r" ? ": " : "")
          const parts: string[] = []
          for (let at = 0; at < text.length; ) {
            const length = cuts.next().value ?? 1
            parts.push(text.slice(at, at + length))
            at += length
          }
          expect(blocksOf(...parts)).toEqual(blocksOf(lines.map((one) => `${one}\n`).join("")))
        },
      ),
    )
  })
})
