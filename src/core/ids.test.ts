import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createIdSource, fromWireId, laneHintFor, laneHintOf, toWireId } from "./ids.ts"

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const NOW_MS = 0x0197_c0de_5f0a
const bytes = fc.uint8Array({ minLength: 6, maxLength: 6 })
const hints = fc.nat(0xffff)

/** Ids made while the clock shows these times, one after another. */
function idsAt(times: readonly number[], random = new Uint8Array(6)): string[] {
  let index = 0
  const source = createIdSource(
    () => times[index++] ?? 0,
    () => random,
  )
  return times.map(() => source.next(7))
}

function timeOf(uuid: string): number {
  return Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16)
}

describe("an id", () => {
  test("is a UUIDv7 whatever the clock, the random bytes and the hint are", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 48 - 1 }), bytes, hints, (nowMs, random, hint) => {
        const id = createIdSource(
          () => nowMs,
          () => random,
        ).next(hint)
        expect(id).toMatch(UUID_V7)
        expect(timeOf(id)).toBe(nowMs)
        expect(laneHintOf(id)).toBe(hint)
      }),
      { numRuns: 1000 },
    )
  })

  test("keeps its random bits", () => {
    const [zeros, ones] = [idsAt([NOW_MS]), idsAt([NOW_MS], new Uint8Array(6).fill(0xff))]
    expect(zeros).toEqual(["0197c0de-5f0a-7000-8000-000000000007"])
    expect(ones).toEqual(["0197c0de-5f0a-7000-bfff-ffffffff0007"])
  })
})

describe("ids rise", () => {
  test("within one millisecond, even when it has more ids than the counter has numbers", () => {
    const ids = idsAt(Array<number>(10_000).fill(NOW_MS), new Uint8Array(6).fill(0xff))
    expect(ids).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(ids.length)
    // 4096 ids to a millisecond, then the next one is used.
    expect([ids[4095], ids[4096]].map((id) => timeOf(id ?? "") - NOW_MS)).toEqual([0, 1])
  })

  test("when the clock steps back, and when it goes on from there", () => {
    const ids = idsAt([NOW_MS, NOW_MS - 60_000, NOW_MS - 59_999, NOW_MS, NOW_MS + 1])
    expect(ids).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(ids.length)
    expect(timeOf(ids[4] ?? "")).toBe(NOW_MS + 1)
  })

  test("whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: NOW_MS, max: NOW_MS + 20 }), { maxLength: 100 }), (times) => {
        const ids = idsAt(times)
        expect(ids).toEqual([...new Set(ids)].sort())
      }),
      { numRuns: 500 },
    )
  })
})

describe("a lane hint", () => {
  test("is the same for the same names, and differs for other ones", () => {
    expect(laneHintFor(["MUG", "PAN"])).toBe(laneHintFor(["MUG", "PAN"]))
    const hintsOfSkus = Array.from({ length: 1000 }, (_, index) => laneHintFor([`SKU-${index}`]))
    expect(new Set(hintsOfSkus).size).toBeGreaterThan(900)
  })

  test("does not run names together", () => {
    expect(laneHintFor(["AB", "C"])).not.toBe(laneHintFor(["A", "BC"]))
  })

  test("fits its 16 bits, and spreads over a few lanes", () => {
    const lanes = new Map<number, number>()
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (names) => {
        const hint = laneHintFor(names)
        expect(hint).toBeGreaterThanOrEqual(0)
        expect(hint).toBeLessThanOrEqual(0xffff)
        expect(Number.isInteger(hint)).toBe(true)
      }),
    )
    for (let index = 0; index < 4000; index += 1) {
      const lane = laneHintFor([`SKU-${index}`]) % 4
      lanes.set(lane, (lanes.get(lane) ?? 0) + 1)
    }
    for (const count of lanes.values()) expect(count).toBeGreaterThan(800)
  })
})

describe("an id on the wire", () => {
  test("comes back as it went out", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 48 - 1 }), bytes, hints, (nowMs, random, hint) => {
        const uuid = createIdSource(
          () => nowMs,
          () => random,
        ).next(hint)
        const id = toWireId(uuid)
        expect(id).toMatch(/^rsv_[0-9a-f]{32}$/)
        expect(fromWireId(id)).toBe(uuid)
      }),
    )
  })

  const good = "rsv_0197c0de5f0a7000a1b2c3d4e5f60718"
  test.each([
    ["nothing", ""],
    ["the prefix alone", "rsv_"],
    ["no prefix", good.slice(4)],
    ["another prefix", good.replace("rsv_", "res_")],
    ["upper case digits", good.toUpperCase().replace("RSV", "rsv")],
    ["an upper case prefix", good.replace("rsv", "RSV")],
    ["a digit too few", good.slice(0, -1)],
    ["a digit too many", `${good}0`],
    ["another version", good.replace("a7000", "a4000")],
    ["another variant", good.replace("7000a", "7000c")],
    ["the dashes of a UUID", "rsv_0197c0de-5f0a-7000-a1b2-c3d4e5f60718"],
    ["a letter that is no digit", good.replace("c0de", "c0dg")],
    ["a line break at the end", `${good}\n`],
    ["a blank in front", ` ${good}`],
  ])("is refused with %s", (_, id) => {
    expect(fromWireId(good)).not.toBeNull()
    expect(fromWireId(id)).toBeNull()
  })

  test("is refused unless it is one that could have been issued, and never with an error", () => {
    const nearly = fc
      .tuple(fc.nat(good.length), fc.string({ maxLength: 3 }), fc.nat(3))
      .map(([at, text, gone]) => good.slice(0, at) + text + good.slice(at + gone))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), nearly), (id) => {
        const uuid = fromWireId(id)
        if (uuid === null) return
        expect(uuid).toMatch(UUID_V7)
        expect(toWireId(uuid)).toBe(id)
      }),
      { numRuns: 3000 },
    )
  })
})
