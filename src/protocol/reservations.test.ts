import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EarmarkError } from "../core/errors.ts"
import {
  LINES_MAX,
  METADATA_BYTES_MAX,
  PAGE_LIMIT_MAX,
  QUANTITY_MAX,
  TEXT_LENGTH_MAX,
} from "../core/limits.ts"
import {
  parseConfirm,
  parseExtend,
  parseRelease,
  parseReservationFilter,
  parseReserveRequest,
  reservationsQuery,
} from "./reservations.ts"

const line = { sku: "MUG", quantity: 1 }

/** What is refused: pointers in the order in which they are reported. */
function pointersOf(run: () => unknown): string[] {
  try {
    run()
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
    expect(error).toMatchObject({ code: "invalid_request", notApplied: true })
    expect(error.errors.length).toBeGreaterThan(0)
    return error.errors.map(({ pointer }) => pointer)
  }
  return []
}
const reserve = (body: unknown) => pointersOf(() => parseReserveRequest(body))

describe("a request to reserve", () => {
  test("comes back as it was, and its optional members may be left out", () => {
    expect(parseReserveRequest({ lines: [line] })).toEqual({ lines: [line] })
    const full = {
      customerId: "c-1",
      lines: [{ ...line, location: "BERLIN" }],
      ttlSeconds: 60,
      metadata: { a: [1, null, { b: "c" }] },
      replaces: "rsv_x",
      idempotencyKey: "k",
    }
    expect(parseReserveRequest(full)).toEqual(full)
  })

  test("has 1 to 100 lines, counted as sent", () => {
    const lines = (count: number) => Array.from({ length: count }, () => line)
    expect(reserve({ lines: lines(1) })).toEqual([])
    expect(reserve({ lines: lines(LINES_MAX) })).toEqual([])
    expect(reserve({ lines: lines(LINES_MAX + 1) })).toEqual(["/lines"])
    expect(reserve({ lines: [] })).toEqual(["/lines"])
  })

  test("has quantities from 1 to a million", () => {
    const quantity = (value: unknown) => reserve({ lines: [{ sku: "MUG", quantity: value }] })
    for (const value of [1, QUANTITY_MAX]) expect(quantity(value)).toEqual([])
    for (const value of [0, -0, -1, QUANTITY_MAX + 1, 1.5, "1", null, Number.NaN, 2 ** 53, [1], true]) {
      expect(quantity(value), String(value)).toEqual(["/lines/0/quantity"])
    }
  })

  test("is refused when equal lines sum up to more than the limit", () => {
    const half = { sku: "MUG", quantity: QUANTITY_MAX / 2 }
    expect(reserve({ lines: [half, half] })).toEqual([])
    expect(reserve({ lines: [half, half, line] })).toEqual(["/lines"])
    expect(reserve({ lines: [half, half, { ...line, location: "BERLIN" }] })).toEqual([])
    const here = { ...half, location: "BERLIN" }
    expect(
      reserve({ lines: [here, { sku: "HAT", quantity: 1 }, here, { ...line, location: "BERLIN" }] }),
    ).toEqual(["/lines"])
  })

  test("names every member that is wrong", () => {
    expect(
      reserve({
        lines: [line, { sku: "a b", quantity: "2", location: "", extra: 1 }],
        customerId: 7,
        ttlSeconds: 0,
        metadata: { "a/b": "\u0000" },
        "~odd/name": 1,
      }).sort(),
    ).toEqual([
      "/customerId",
      "/lines/1/extra",
      "/lines/1/location",
      "/lines/1/quantity",
      "/lines/1/sku",
      "/metadata/a~1b",
      "/ttlSeconds",
      "/~0odd~1name",
    ])
  })

  test("is an object with lines", () => {
    for (const body of [undefined, null, [], "x", 1, true]) expect(reserve(body)).toEqual([""])
    expect(reserve({})).toEqual(["/lines"])
    expect(reserve({ lines: {} })).toEqual(["/lines"])
    expect(reserve({ lines: ["MUG"] })).toEqual(["/lines/0"])
    expect(reserve(JSON.parse(`{"lines":[{"sku":"MUG","quantity":1}],"__proto__":{"lines":[]}}`))).toEqual([
      "/__proto__",
    ])
  })

  test("has a ttl of whole seconds from 1", () => {
    for (const value of [1, 86_400]) expect(reserve({ lines: [line], ttlSeconds: value })).toEqual([])
    for (const value of [0, -1, 1.5, "60", null, 1e300]) {
      expect(reserve({ lines: [line], ttlSeconds: value }), String(value)).toEqual(["/ttlSeconds"])
    }
  })

  test("has a customer and a key of 1 to 255 characters, and metadata of 4 KiB", () => {
    for (const name of ["customerId", "idempotencyKey"]) {
      expect(reserve({ lines: [line], [name]: "x".repeat(TEXT_LENGTH_MAX) })).toEqual([])
      for (const value of ["", "x".repeat(TEXT_LENGTH_MAX + 1), "a\u0007"]) {
        expect(reserve({ lines: [line], [name]: value })).toEqual([`/${name}`])
      }
    }
    expect(reserve({ lines: [line], metadata: { a: "x".repeat(METADATA_BYTES_MAX) } })).toEqual(["/metadata"])
  })

  test("lists few errors even when thousands of things are wrong", () => {
    expect(reserve({ lines: Array.from({ length: LINES_MAX }, () => 0) })).toHaveLength(20)
    expect(reserve(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [n, n])))).toHaveLength(20)
  })

  test("is parsed or refused, whatever it is", () => {
    fc.assert(fc.property(fc.anything(), (body) => void reserve(body)))
    const almost = fc.record(
      {
        lines: fc.oneof(
          fc.array(fc.record({ sku: fc.oneof(fc.string(), fc.constant("MUG")), quantity: fc.anything() })),
          fc.anything(),
        ),
        customerId: fc.anything(),
        ttlSeconds: fc.anything(),
        metadata: fc.anything(),
        replaces: fc.anything(),
      },
      { requiredKeys: ["lines"] },
    )
    fc.assert(fc.property(almost, (body) => void reserve(body)))
  })
})

describe("a command on a hold", () => {
  test("may come without a body, except extend", () => {
    expect(parseConfirm(undefined)).toBeUndefined()
    expect(parseRelease(undefined)).toBeUndefined()
    expect(pointersOf(() => parseExtend(undefined))).toEqual([""])
  })

  test("has a remark of up to 255 characters", () => {
    for (const text of ["", "x".repeat(TEXT_LENGTH_MAX)]) {
      expect(parseConfirm({ reference: text })).toEqual({ reference: text })
      expect(parseRelease({ reason: text })).toEqual({ reason: text })
    }
    for (const text of ["x".repeat(TEXT_LENGTH_MAX + 1), 1, null, "\u0085"]) {
      expect(pointersOf(() => parseConfirm({ reference: text }))).toEqual(["/reference"])
      expect(pointersOf(() => parseRelease({ reason: text }))).toEqual(["/reason"])
    }
    expect(pointersOf(() => parseConfirm({ reason: "x" }))).toEqual(["/reason"])
  })
})

describe("a filter", () => {
  const query = (parameters: Record<string, unknown>) => reservationsQuery.safeParse(parameters)

  test("takes limit from a query as plain digits only", () => {
    for (const limit of ["1", "50", String(PAGE_LIMIT_MAX)])
      expect(query({ limit }).data?.limit).toBe(Number(limit))
    for (const limit of [
      "0",
      "201",
      "1e1",
      "0x10",
      "",
      " 5",
      "5 ",
      "1.5",
      "-1",
      "+5",
      "05",
      "٣",
      "9999999999",
      ["1", "2"],
    ]) {
      expect(query({ limit }).success, String(limit)).toBe(false)
    }
  })

  test("takes limit from a call as a number only", () => {
    expect(parseReservationFilter({ limit: 1 })).toEqual({ limit: 1 })
    for (const limit of [0, PAGE_LIMIT_MAX + 1, "5", 1.5]) {
      expect(pointersOf(() => parseReservationFilter({ limit }))).toEqual(["/limit"])
    }
  })

  test("refuses what it does not know", () => {
    expect(query({ state: "held", customerId: "c", sku: "MUG", cursor: "abc" }).success).toBe(true)
    for (const parameters of [
      { state: "HELD" },
      { sku: "a b" },
      { customerId: "" },
      { cursor: "" },
      { status: "held" },
    ]) {
      expect(query(parameters).success, JSON.stringify(parameters)).toBe(false)
    }
  })
})
