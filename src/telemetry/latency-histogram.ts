/** Percentiles of latencies in a few hundred counters, however many there are: each bucket is some 5 % wider than the last. */

const FIRST_MS = 0.05
const LAST_MS = 120_000
const GROWTH = 1.05
const LOG_GROWTH = Math.log(GROWTH)
const BUCKETS = Math.ceil(Math.log(LAST_MS / FIRST_MS) / LOG_GROWTH) + 1

export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0
  #maxMs = 0

  get maxMs(): number {
    return this.#maxMs
  }

  get total(): number {
    return this.#total
  }

  record(ms: number): void {
    const index = Math.ceil(Math.log(ms / FIRST_MS) / LOG_GROWTH)
    const bucket = Math.min(BUCKETS - 1, Math.max(0, index))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#total += 1
    this.#maxMs = Math.max(this.#maxMs, ms)
  }

  /** The end of the bucket in which it lies, or the largest of all where that is less: 0 when nothing was recorded. */
  percentileMs(percentile: number): number {
    const rank = Math.max(1, Math.ceil((percentile / 100) * this.#total))
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= rank) return Math.min(this.#maxMs, FIRST_MS * GROWTH ** bucket)
    }
    return this.#maxMs
  }
}
