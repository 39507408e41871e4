import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { METADATA_BYTES_MAX } from "../core/limits.ts"
import { METADATA_DEPTH_MAX, metadata } from "./metadata.ts"

const refusal = (value: unknown) => {
  const result = metadata.safeParse(value)
  if (result.success) return undefined
  const [issue] = result.error.issues
  return { path: issue?.path.join("/"), message: issue?.message }
}

/** `{"a":"..."}` of so many bytes. */
const ofBytes = (bytes: number, character = "x") => {
  const rest = bytes - Buffer.byteLength('{"a":""}')
  return { a: character.repeat(rest / Buffer.byteLength(character)) }
}

const nested = (depth: number): unknown => (depth === 1 ? {} : { a: nested(depth - 1) })

describe("metadata", () => {
  test("has its edge at 4096 bytes of UTF-8 JSON", () => {
    expect(Buffer.byteLength(JSON.stringify(ofBytes(METADATA_BYTES_MAX)))).toBe(METADATA_BYTES_MAX)
    expect(refusal(ofBytes(METADATA_BYTES_MAX))).toBeUndefined()
    expect(refusal(ofBytes(METADATA_BYTES_MAX + 1))?.message).toContain("4096 bytes")
    expect(refusal(ofBytes(METADATA_BYTES_MAX, "é"))).toBeUndefined()
    expect(refusal(ofBytes(METADATA_BYTES_MAX + 2, "é"))?.message).toContain("4096 bytes")
  })

  test("is an object", () => {
    for (const value of [null, [], "a", 1, true, new Date(), new Map()]) {
      expect(refusal(value)?.message).toBe("must be a JSON object")
    }
    expect(refusal({})).toBeUndefined()
  })

  test("has its edge at 32 levels, and survives any depth", () => {
    expect(refusal(nested(METADATA_DEPTH_MAX))).toBeUndefined()
    expect(refusal(nested(METADATA_DEPTH_MAX + 1))?.message).toContain("32 levels")
    const deep = JSON.parse(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`)
    expect(refusal(deep)?.message).toContain("32 levels")
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    expect(refusal(cyclic)?.message).toContain("32 levels")
  })

  test("has only numbers that come back as they were sent", () => {
    for (const value of [0, -1, 1.5, 2 ** 53 - 1, -(2 ** 53 - 1), 1e-7])
      expect(refusal({ a: value })).toBeUndefined()
    for (const text of ["9007199254740992", "9007199254740993", "-9007199254740992", "1e20", "1e400"]) {
      expect(refusal(JSON.parse(`{"a":[0,${text}]}`))?.path, text).toBe("a/1")
    }
    expect(refusal({ a: Number.NaN })?.path).toBe("a")
  })

  test("has no U+0000 and no lone surrogates, in values or in names", () => {
    expect(refusal({ a: { b: "x\u0000" } })?.path).toBe("a/b")
    expect(refusal({ a: ["\ud800"] })?.path).toBe("a/0")
    expect(refusal({ a: { "\u0000": 1 } })?.path).toBe("a")
    expect(refusal({ "\udc00": 1 })?.path).toBe("")
    expect(refusal({ a: "line\nline" })).toBeUndefined()
  })

  test("cannot smuggle a prototype", () => {
    expect(refusal(JSON.parse('{"__proto__":{"polluted":true}}'))?.path).toBe("__proto__")
    expect(refusal(JSON.parse('{"a":{"__proto__":1}}'))?.path).toBe("a/__proto__")
    expect(refusal({ constructor: { prototype: { polluted: true } } })).toBeUndefined()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test("has JSON values only", () => {
    for (const value of [undefined, 1n, () => 1, Symbol("a"), new Date()]) {
      expect(refusal({ a: value })?.message).toBe("must be a JSON value")
    }
  })

  test("that is taken comes back the same, and nothing ever makes it throw", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
        const result = metadata.safeParse({ value })
        if (result.success) expect(JSON.parse(JSON.stringify(result.data))).toEqual({ value: plain(value) })
      }),
    )
  })
})

/** -0 and null prototypes are the same JSON as 0 and ordinary objects. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
