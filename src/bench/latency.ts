import hdr, { type Histogram } from "hdr-histogram-js"
import type { Latency } from "./result.ts"

/** Points of the curve for every factor of ten of the tail. */
const POINTS_PER_DECADE = 8

/** Of microseconds, three digits each: bounded in size however much is recorded. */
export function createHistogram(): Histogram {
  return hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000 })
}

export function recordMs(histogram: Histogram, ms: number): void {
  histogram.recordValue(Math.max(1, Math.round(ms * 1000)))
}

/** Null when nothing was recorded. */
export function latencyOf(histogram: Histogram): Latency | null {
  if (histogram.totalCount === 0) return null
  const max = histogram.maxValue / 1000
  // It answers with the end of the bucket, which may lie beyond everything that was recorded.
  const at = (percentile: number) => Math.min(histogram.getValueAtPercentile(percentile) / 1000, max)
  return {
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max,
    curve: percentilesFor(histogram.totalCount).map((percentile) => [percentile, at(percentile)] as const),
  }
}

/** Closer and closer towards 100, as far as there is at least one sample beyond. */
function percentilesFor(samples: number): number[] {
  const last = Math.floor(Math.log10(samples) * POINTS_PER_DECADE)
  const percentiles = Array.from(
    { length: last + 1 },
    (_, step) => 100 * (1 - 10 ** (-step / POINTS_PER_DECADE)),
  )
  return [...percentiles, 100]
}
