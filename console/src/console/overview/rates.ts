/** What happened between two looks at the counters of one process. */
import type { Statistics } from "earmark/client"

export interface Rates {
  /** When the second look was, in seconds of the process's uptime. */
  readonly atSeconds: number
  readonly reservedPerSecond: number
  readonly confirmedPerSecond: number
  /** Reserves that were answered with a problem of the caller's, such as too few units. */
  readonly refusedPerSecond: number
  readonly failedPerSecond: number
  readonly requestsPerSecond: number
  /** Of reserves, in ms; null when there were none. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number } | null
}

/** null when the counters began anew in between: they are those of another process. */
export function ratesBetween(before: Statistics, after: Statistics): Rates | null {
  if (before.process.startedAt !== after.process.startedAt || before.process.name !== after.process.name)
    return null
  const seconds = after.process.uptimeSeconds - before.process.uptimeSeconds
  if (seconds <= 0) return null
  const per = (count: (statistics: Statistics) => number) => (count(after) - count(before)) / seconds
  const [earlier, later] = [operationOf(before, "reserve"), operationOf(after, "reserve")]
  return {
    atSeconds: after.process.uptimeSeconds,
    reservedPerSecond: per((statistics) => operationOf(statistics, "reserve")?.succeeded["reserved"] ?? 0),
    confirmedPerSecond: per((statistics) => operationOf(statistics, "confirm")?.succeeded["confirmed"] ?? 0),
    refusedPerSecond: per((statistics) => sum(operationOf(statistics, "reserve")?.refused)),
    failedPerSecond: per((statistics) =>
      statistics.operations.reduce((all, { failed }) => all + sum(failed), 0),
    ),
    requestsPerSecond: per((statistics) => sum(statistics.requests.answered)),
    latency:
      later === undefined
        ? null
        : latencyOf(differences(later.latency.counts, earlier?.latency.counts ?? []), after),
  }
}

/**
 * The value below which this share lies, in ms, out of how many lie in each bucket: evenly spread within it, as Prometheus'
 * `histogram_quantile` takes it. What is longer than all bounds counts as the last bound. null when there is none.
 */
export function quantileMs(
  share: number,
  counts: readonly number[],
  boundsSeconds: readonly number[],
): number | null {
  const total = counts.reduce((all, count) => all + count, 0)
  if (total === 0) return null
  let below = 0
  for (const [index, count] of counts.entries()) {
    const from = boundsSeconds[index - 1] ?? 0
    const to = boundsSeconds[index] ?? from
    if (below + count >= share * total)
      return 1_000 * (from + ((to - from) * (share * total - below)) / count)
    below += count
  }
  return 1_000 * (boundsSeconds.at(-1) ?? 0)
}

function latencyOf(counts: readonly number[], { latencyBoundsSeconds }: Statistics): Rates["latency"] {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantileMs(share, counts, latencyBoundsSeconds))
  if (p50 == null || p95 == null || p99 == null) return null
  return { p50, p95, p99 }
}

function operationOf({ operations }: Statistics, name: string) {
  return operations.find(({ operation }) => operation === name)
}

function differences(later: readonly number[], earlier: readonly number[]): number[] {
  return later.map((count, index) => count - (earlier[index] ?? 0))
}

function sum(counts: Readonly<Record<string, number>> = {}): number {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}
