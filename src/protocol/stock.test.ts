import { describe, expect, test } from "vitest"
import { ADJUSTMENT_REASONS } from "../core/commands.ts"
import { DELTA_MAX, ON_HAND_MAX, TEXT_LENGTH_MAX } from "../core/limits.ts"
import { adjustmentBody, parseAdjustment, parseSafetyStock, stockLevelBody } from "./stock.ts"

const adjustment = { sku: "MUG", location: "BERLIN", delta: 1, reason: "received" }
const takes = (change: object) => adjustmentBody.safeParse({ ...adjustment, ...change }).success

describe("an adjustment", () => {
  test("has a delta within a billion, and not 0", () => {
    for (const delta of [1, -1, DELTA_MAX, -DELTA_MAX]) expect(takes({ delta }), String(delta)).toBe(true)
    for (const delta of [0, -0, DELTA_MAX + 1, -DELTA_MAX - 1, 0.5, "1", null]) {
      expect(takes({ delta }), String(delta)).toBe(false)
    }
  })

  test("has one of five reasons", () => {
    for (const reason of ADJUSTMENT_REASONS) expect(takes({ reason })).toBe(true)
    for (const reason of ["RECEIVED", "", null, undefined, "stolen"]) expect(takes({ reason })).toBe(false)
  })

  test("may have a reference of up to 255 characters", () => {
    expect(takes({ reference: "x".repeat(TEXT_LENGTH_MAX) })).toBe(true)
    expect(takes({ reference: "x".repeat(TEXT_LENGTH_MAX + 1) })).toBe(false)
  })

  test("refuses unknown members; the library takes its key among them", () => {
    expect(takes({ note: "x" })).toBe(false)
    expect(takes({ idempotencyKey: "k" })).toBe(false)
    expect(parseAdjustment({ ...adjustment, idempotencyKey: "k" })).toEqual({
      ...adjustment,
      idempotencyKey: "k",
    })
  })
})

describe("a safety stock", () => {
  test("is 0 to a trillion", () => {
    for (const safetyStock of [0, ON_HAND_MAX]) {
      expect(stockLevelBody.safeParse({ safetyStock }).success).toBe(true)
      expect(parseSafetyStock({ sku: "MUG", location: "B", safetyStock }).safetyStock).toBe(safetyStock)
    }
    for (const safetyStock of [-1, ON_HAND_MAX + 1, 0.5, "1", null, undefined]) {
      expect(stockLevelBody.safeParse({ safetyStock }).success, String(safetyStock)).toBe(false)
    }
  })
})
