import { createHistogram, latencyOf } from "./latency.ts"
import type { Seen } from "./profile.ts"
import type { PointProfile, PointResult, StatementTime } from "./result.ts"
import type { AppliedLoad, Measurement } from "./scenario.ts"
import { spreadOf } from "./spread.ts"

/** The rounds of one contender under one load. What it keeps does not grow with the number of answers. */
export class Tally {
  readonly #rates: number[] = []
  readonly #figures: Readonly<Record<string, number>>[] = []
  readonly #latencies = createHistogram()
  readonly #seen: Seen[] = []
  #profiled = 0
  #oversold = 0
  #leaked = 0

  /** Units count in every round, also in those that are not measured. */
  countUnits({ oversold, leaked }: Measurement): void {
    this.#oversold += oversold
    this.#leaked += leaked
  }

  /** @param seen what its profile saw, if it has one */
  add(measurement: Measurement, seen: Seen | null = null): void {
    this.countUnits(measurement)
    this.#rates.push(measurement.answers / measurement.seconds)
    this.#figures.push(measurement.figures ?? {})
    if (measurement.latencies) this.#latencies.add(measurement.latencies)
    if (seen) {
      this.#seen.push(seen)
      this.#profiled += measurement.profiled ?? measurement.answers
    }
  }

  get medianRate(): number {
    return spreadOf(this.#rates).median
  }

  result(load: AppliedLoad): PointResult {
    const { at, label, loop } = load
    return {
      at,
      label,
      loop,
      offeredPerSecond: load.loop === "open" ? load.perSecond : null,
      rounds: this.#rates.length,
      rate: spreadOf(this.#rates),
      latencyMs: latencyOf(this.#latencies),
      oversold: this.#oversold,
      leaked: this.#leaked,
      figures: this.#figureSpreads(),
      ...(this.#seen.length > 0 && { profile: profileOf(this.#seen, this.#profiled) }),
    }
  }

  #figureSpreads(): PointResult["figures"] {
    const names = new Set(this.#figures.flatMap((figures) => Object.keys(figures)))
    // A round without it had none of what it counts.
    const spread = (name: string) => spreadOf(this.#figures.map((figures) => figures[name] ?? 0))
    return Object.fromEntries([...names].map((name) => [name, spread(name)]))
  }
}

function profileOf(seen: readonly Seen[], count: number): PointProfile {
  const same = Map.groupBy(
    seen.flatMap(({ statements }) => statements),
    ({ statement, isInner }) => `${isInner} ${statement}`,
  )
  const statements = [...same.values()].flatMap((times) => {
    const [first] = times
    const mean = (member: "calls" | "microseconds" | "walBytes") =>
      times.reduce((sum, time) => sum + time[member], 0) / count
    return first
      ? [{ ...first, calls: mean("calls"), microseconds: mean("microseconds"), walBytes: mean("walBytes") }]
      : []
  })
  return {
    nodeMicroseconds: seen.every(({ nodeMicroseconds }) => nodeMicroseconds !== null)
      ? seen.reduce((sum, { nodeMicroseconds }) => sum + (nodeMicroseconds ?? 0), 0) / count
      : null,
    statements: statements.sort((a: StatementTime, b: StatementTime) => b.microseconds - a.microseconds),
  }
}
