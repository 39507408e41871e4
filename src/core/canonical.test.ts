import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { adjustMeaning, canonicalJson, type ReserveMeaning, reserveMeanings } from "./canonical.ts"
import type { Json, RequestedLine } from "./model.ts"
import { addUpLines } from "./requested-lines.ts"

const DEFAULT_TTL = 600
const json = fc.jsonValue() as fc.Arbitrary<Json>

/** The same value with the members of every object in the opposite order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

function meaning(
  change: Partial<ReserveMeaning> & { lines?: readonly RequestedLine[] } = {},
): readonly string[] {
  const { lines = [{ sku: "MUG", quantity: 2, location: null }], ...more } = change
  const asked = { customerId: null, metadata: {}, replaces: null, ttlSeconds: null, ...more }
  return reserveMeanings({ ...asked, lines: addUpLines(lines) }, DEFAULT_TTL)
}

/** Whether a request is a replay of an earlier one: what was kept is the first text of the earlier one. */
function repeats(later: readonly string[], earlier: readonly string[]): boolean {
  return earlier[0] !== undefined && later.includes(earlier[0])
}

describe("canonical JSON", () => {
  test("is JSON of the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  test("does not see the order of members", () => {
    expect(canonicalJson({ b: 1, a: { d: [], c: null } })).toBe('{"a":{"c":null,"d":[]},"b":1}')
    fc.assert(fc.property(json, (value) => canonicalJson(reversed(value)) === canonicalJson(value)))
  })

  test("sees everything else", () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
        expect(canonicalJson(one) === canonicalJson(other)).toBe(same)
      }),
    )
    const texts = [[1, 2], [2, 1], [[1], 2], "1", 1, [], {}, null, [null], { a: null }, "", false].map(
      (value) => canonicalJson(value as Json),
    )
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe("a reserve request means the same", () => {
  const mugs = (quantity: number, location: string | null = null) => ({ sku: "MUG", quantity, location })
  const pans = { sku: "PAN", quantity: 1, location: null }

  test("when its lines are split or come in another order", () => {
    const whole = meaning({ lines: [mugs(3), mugs(2, "LAX"), pans] })
    expect(repeats(meaning({ lines: [pans, mugs(2, "LAX"), mugs(3)] }), whole)).toBe(true)
    expect(repeats(meaning({ lines: [mugs(1), mugs(1, "LAX"), pans, mugs(2), mugs(1, "LAX")] }), whole)).toBe(
      true,
    )
  })

  test("when the members of its metadata or of a line come in another order", () => {
    const one = meaning({ metadata: { cart: 7, shop: { id: 1, name: "x" } } })
    expect(repeats(meaning({ metadata: { shop: { name: "x", id: 1 }, cart: 7 } }), one)).toBe(true)
    const line = { location: "LAX", quantity: 2, sku: "MUG" }
    expect(repeats(meaning({ lines: [line] }), meaning({ lines: [mugs(2, "LAX")] }))).toBe(true)
  })

  test("when the default ttl is spelled out, in either of the two", () => {
    const [out, spelled, other] = [null, DEFAULT_TTL, DEFAULT_TTL + 1].map((ttlSeconds) =>
      meaning({ ttlSeconds }),
    )
    if (!out || !spelled || !other) throw new Error("three meanings")
    for (const one of [out, spelled]) {
      expect(repeats(one, out)).toBe(true)
      expect(repeats(one, spelled)).toBe(true)
      expect(repeats(one, other)).toBe(false)
      expect(repeats(other, one)).toBe(false)
    }
  })

  test("still when the default has changed since, if both left the ttl out or both spelled it out", () => {
    const asked = { customerId: null, lines: [mugs(1)], metadata: {}, replaces: null }
    for (const ttlSeconds of [null, 600]) {
      const earlier = reserveMeanings({ ...asked, ttlSeconds }, 600)
      expect(repeats(reserveMeanings({ ...asked, ttlSeconds }, 900), earlier)).toBe(true)
    }
  })
})

test("reserve requests that differ in anything mean something else", () => {
  const line = { sku: "MUG", quantity: 2, location: null }
  const all = [
    {},
    { customerId: "c-1" },
    { customerId: "c-2" },
    { lines: [{ ...line, quantity: 3 }] },
    { lines: [{ ...line, sku: "PAN" }] },
    { lines: [{ ...line, location: "LAX" }] },
    { lines: [line, { ...line, sku: "PAN" }] },
    {
      lines: [
        { ...line, quantity: 1 },
        { ...line, quantity: 1, location: "LAX" },
      ],
    },
    { metadata: { cart: 7 } },
    { metadata: { cart: "7" } },
    { replaces: "0197c0de-5f0a-7000-a1b2-c3d4e5f60718" },
    { ttlSeconds: 60 },
  ].map((change) => meaning(change))
  for (const [at, one] of all.entries()) {
    expect(all.map((other) => repeats(other, one))).toEqual(all.map((_, other) => other === at))
  }
})

test("adjustments that differ in anything mean something else", () => {
  const asked = { sku: "MUG", location: "LAX", delta: 5, reason: "received", reference: null } as const
  const all = [
    asked,
    { ...asked, sku: "PAN" },
    { ...asked, location: "JFK" },
    { ...asked, delta: -5 },
    { ...asked, reason: "counted" as const },
    { ...asked, reference: "delivery-1" },
  ].map(adjustMeaning)
  expect(new Set(all).size).toBe(all.length)
  expect(adjustMeaning({ reference: null, reason: "received", delta: 5, location: "LAX", sku: "MUG" })).toBe(
    all[0],
  )
})

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== "object") return value
  const names = Object.keys(value).sort()
  return { members: names.map((name) => [name, sorted((value as Record<string, Json>)[name] ?? null)]) }
}
