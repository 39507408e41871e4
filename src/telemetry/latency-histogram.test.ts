import fc from "fast-check"
import { expect, test } from "vitest"
import { LatencyHistogram } from "./latency-histogram.ts"

const histogramOf = (values: readonly number[]) => {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test("a percentile is at most 5 % above the latency at its rank, and never above the largest", () => {
  const latency = fc.double({ min: 0.05, max: 60_000, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1 }),
      fc.integer({ min: 1, max: 100 }),
      (values, percentile) => {
        const histogram = histogramOf(values)
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.ceil((percentile / 100) * values.length) - 1] ?? 0
        const given = histogram.percentileMs(percentile)
        expect(given).toBeGreaterThanOrEqual(exact * 0.999)
        expect(given).toBeLessThanOrEqual(Math.min(exact * 1.051, histogram.maxMs))
        expect(histogram.total).toBe(values.length)
      },
    ),
  )
})

test("what is faster or slower than every bucket counts all the same", () => {
  const histogram = histogramOf([0, 0.01, 1_000_000])
  expect([histogram.total, histogram.maxMs]).toEqual([3, 1_000_000])
  expect(histogram.percentileMs(50)).toBeLessThanOrEqual(0.05)
  expect(new LatencyHistogram().percentileMs(99)).toBe(0)
})
