import { expect, test } from "vitest"
import { createHistogram, latencyOf, recordMs } from "./latency.ts"

test("percentiles are in milliseconds, to three digits", () => {
  const histogram = createHistogram()
  for (let ms = 1; ms <= 1000; ms += 1) recordMs(histogram, ms)
  const latency = latencyOf(histogram)
  expect(latency?.p50).toBeCloseTo(500, -1)
  expect(latency?.p90).toBeCloseTo(900, -1)
  expect(latency?.p99).toBeCloseTo(990, -1)
  expect(latency?.p999).toBeCloseTo(999, -1)
  expect(latency?.max).toBeCloseTo(1000, -1)
})

test("the curve ascends to the longest, and goes no further into the tail than there are samples", () => {
  const histogram = createHistogram()
  for (let ms = 1; ms <= 1000; ms += 1) recordMs(histogram, ms)
  const curve = latencyOf(histogram)?.curve ?? []
  const ascends = (values: number[]) => values.every((value, index) => value >= (values[index - 1] ?? 0))
  expect(ascends(curve.map(([percentile]) => percentile))).toBe(true)
  expect(ascends(curve.map(([, ms]) => ms))).toBe(true)
  expect(curve[0]?.[0]).toBe(0)
  expect(curve.at(-2)?.[0]).toBeCloseTo(99.9)
  expect(curve.at(-1)).toEqual([100, latencyOf(histogram)?.max])
})

test("one too short to be seen counts as the shortest, one longer than a minute is kept", () => {
  const histogram = createHistogram()
  for (const ms of [0, 0, 90_000]) recordMs(histogram, ms)
  expect(histogram.totalCount).toBe(3)
  expect(latencyOf(histogram)?.p50).toBe(0.001)
  expect(latencyOf(histogram)?.max).toBeCloseTo(90_000, -2)
})

test("nothing recorded is no latency", () => {
  expect(latencyOf(createHistogram())).toBeNull()
})
