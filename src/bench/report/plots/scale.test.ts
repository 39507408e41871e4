import { describe, expect, test } from "vitest"
import {
  barScaleFor,
  fractionOf,
  linearScale,
  logScale,
  roomyTicks,
  scaleFor,
  valueAt,
  within,
} from "./scale.ts"

describe("scaleFor", () => {
  test("begins at zero while the values can be told apart", () => {
    expect(scaleFor([1000, 29_999])).toMatchObject({ type: "linear", domain: [0, 30_000] })
  })

  test("is logarithmic from a ratio of 30 on", () => {
    expect(scaleFor([1000, 30_000])).toMatchObject({ type: "log", domain: [500, 50_000] })
  })

  test("leaves zeros out of the comparison, and has a scale for nothing at all", () => {
    expect(scaleFor([0, 1000, 2000])).toMatchObject({ type: "linear", domain: [0, 2000] })
    expect(scaleFor([0])).toMatchObject({ type: "linear", domain: [0, 1] })
    expect(scaleFor([])).toMatchObject({ type: "linear", domain: [0, 1] })
  })
})

test("bars on a logarithmic scale begin at a power of ten", () => {
  expect(barScaleFor([972, 46_100]).domain).toEqual([100, 50_000])
  expect(barScaleFor([1000, 46_100]).domain).toEqual([1000, 50_000])
})

test("ticks are at round numbers that lie on the scale", () => {
  expect(linearScale(4187).ticks.map(({ label }) => label)).toEqual(["0", "1k", "2k", "3k", "4k", "5k"])
  expect(logScale([3, 80]).ticks.map(({ at }) => at)).toEqual([2, 5, 10, 20, 50, 100])
  expect(logScale([0.8, 1163]).ticks.map(({ label }) => label)).toEqual(["1", "10", "100", "1k"])
})

test.each([linearScale(50_000), logScale([2, 900])])(
  "a place and a value are each other's inverse",
  (scale) => {
    for (const value of [scale.domain[0], 40, scale.domain[1]]) {
      expect(valueAt(scale, fractionOf(scale, value))).toBeCloseTo(value, 6)
    }
  },
)

test("what lies beside a logarithmic scale is drawn at its edge", () => {
  const scale = logScale([10, 1000])
  expect(within(scale, 0)).toBe(scale.domain[0])
  expect(within(scale, 1e9)).toBe(scale.domain[1])
  expect(within(scale, 20)).toBe(20)
})

test("ticks without room are left out", () => {
  const scale = linearScale(5000)
  const shown = roomyTicks(scale, { length: 100, roomOf: () => 30 })
  expect(shown.map(({ label }) => label)).toEqual(["0", "2k", "4k"])
})
