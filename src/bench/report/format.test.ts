import { expect, test } from "vitest"
import {
  figureWords,
  formatDuration,
  formatFigure,
  formatMs,
  formatNumber,
  formatPlace,
  formatRange,
  formatRatio,
  formatRounded,
  formatTick,
  withRange,
} from "./format.ts"

test.each([
  [33_355.6, "33,356"],
  [12.34, "12.3"],
  [0.954, "0.95"],
  [0, "0"],
  [20, "20"],
  [Number.NaN, "-"],
])("formatNumber(%d) is %s", (value, text) => {
  expect(formatNumber(value)).toBe(text)
})

test.each([
  [0.954, "0.95"],
  [7.24, "7.2"],
  [1602.63, "1,602.6"],
  [12_345.6, "12,346"],
  [Number.NaN, "-"],
])("formatMs(%d) is %s", (value, text) => {
  expect(formatMs(value)).toBe(text)
})

test.each([
  [0.644, "0.64 x"],
  [22.84, "22.8 x"],
  [123.4, "123 x"],
  [Number.POSITIVE_INFINITY, "-"],
])("formatRatio(%d) is %s", (value, text) => {
  expect(formatRatio(value)).toBe(text)
})

test("three digits are promised in headlines", () => {
  expect([33_356, 999_900, 24.76, 4.04, 0].map(formatRounded)).toEqual([
    "33,400",
    "1,000,000",
    "25",
    "4.0",
    "0",
  ])
})

test("ticks are short, and places on an axis are exact", () => {
  expect([0.5, 20_000, 2_500_000].map(formatTick)).toEqual(["0.5", "20k", "2.5M"])
  expect([1024, 10_000_000].map(formatPlace)).toEqual(["1,024", "10M"])
})

test("durations have the unit that suits them", () => {
  expect([12.4, 119, 3725].map(formatDuration)).toEqual(["12 s", "2 min", "1 h 2 min"])
})

test("a single round has no spread", () => {
  expect(formatRange({ median: 5, min: 5, max: 5 })).toBe("-")
  expect(formatRange({ median: 500, min: 400, max: 600 })).toBe("400 to 600")
  expect(withRange("5 s", "-")).toBe("5 s")
  expect(withRange("5 s", "4 to 6")).toBe("5 s (4 to 6)")
})

test("figures are named by what they measure and its unit", () => {
  expect(figureWords("reserveP99UsualMs")).toEqual({ label: "reserve p99 usual", unit: "ms" })
  expect(figureWords("turnedAway")).toEqual({ label: "turned away", unit: "" })
  const spread = { median: 181.4, min: 170, max: 190 }
  expect(formatFigure("rssMiB", spread)).toBe("181 MiB")
  expect(formatFigure("holdsPerSecond", spread)).toBe("181/s")
  expect(formatFigure("turnedAway", spread)).toBe("181")
})
