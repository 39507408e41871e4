/** What a run of the benchmark found: plain data, which the JSON file holds and every table and plot is drawn from. */

export const SIZES = ["small", "quick", "full"] as const
/** small: proves that it works, for tests. quick: a first impression in minutes. full: what the docs report. */
export type SizeName = (typeof SIZES)[number]

export interface BenchReport {
  /** Raised when what is below changes its meaning. */
  readonly format: 1
  /** What to type to repeat it. */
  readonly command: string
  /** RFC 3339, UTC. */
  readonly startedAt: string
  readonly tookSeconds: number
  readonly size: SizeName
  readonly machine: Machine
  readonly earmark: { readonly version: string; readonly commit: string | null }
  readonly postgres: MeasuredPostgres
  readonly scenarios: readonly ScenarioResult[]
  readonly expectations: readonly ExpectationResult[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** `linux x64`. */
  readonly platform: string
  readonly node: string
}

export interface MeasuredPostgres {
  readonly version: string
  /** private: a temporary one that the benchmark started; given: that of DATABASE_URL. */
  readonly origin: "private" | "given"
  /** Those that a rate depends on: fsync, synchronous_commit, shared_buffers ... */
  readonly settings: Readonly<Record<string, string>>
}

export interface ScenarioResult {
  readonly name: string
  readonly title: string
  /** What it answers, in a sentence. */
  readonly question: string
  /** What is counted, plural: `reservations`, `answers`. Rates are these per second. */
  readonly counted: string
  /** What distinguishes the points of one contender; null where there is nothing but closed and open loop. */
  readonly axis: Axis | null
  /** What to type to repeat this scenario alone. */
  readonly command: string
  readonly contenders: readonly ContenderResult[]
}

export interface Axis {
  /** `callers`, `finished reservations`. */
  readonly name: string
  readonly scale: "linear" | "log"
}

/**
 * strategy: must count right, or the run fails. broken: sells without looking twice, and must be seen to oversell.
 * limit: what would be reached if the engine cost nothing.
 */
export type ContenderRole = "strategy" | "broken" | "limit"

export interface ContenderResult {
  readonly name: string
  readonly role: ContenderRole
  readonly points: readonly PointResult[]
}

export interface PointResult {
  /** Where on the axis. */
  readonly at: number | null
  readonly label: string
  /** closed: every caller asks again when it is answered, for the highest rate. open: by the clock, for latency. */
  readonly loop: "closed" | "open"
  /** Requests a second that were sent by the clock; null in a closed loop. */
  readonly offeredPerSecond: number | null
  readonly rounds: number
  /** Answers a second. */
  readonly rate: Spread
  /** Over all rounds; null where a single request is not what is timed. */
  readonly latencyMs: Latency | null
  /** Units granted beyond what there was, over all rounds. */
  readonly oversold: number
  /** Units held that nobody was granted, granted that nobody holds, or refused although they were there. */
  readonly leaked: number
  /**
   * What else was measured, each named with its unit: `sweepSeconds`, `rssMiB`. Those of the flood are at its second
   * open point, whose `at` is the number of overdue holds: what was sent by the clock meanwhile.
   */
  readonly figures: Readonly<Record<string, Spread>>
  /** Only where it was asked for, which costs some of the rate. */
  readonly profile?: PointProfile
}

/** What one of what is counted took, on average over the rounds; in the flood, one hold that was given back. */
export interface PointProfile {
  /** Processor time of the process that measures: callers, engine, driver. Null where they are in another one. */
  readonly nodeMicroseconds: number | null
  /** The longest first. */
  readonly statements: readonly StatementTime[]
}

export interface StatementTime {
  /** In one line, with its constants and the schema left out. */
  readonly statement: string
  /** Run inside of another one, whose time has this in it: by a trigger. */
  readonly isInner: boolean
  readonly calls: number
  /** From its begin to its end in Postgres, what it waited for included; the flush of a commit comes after that. */
  readonly microseconds: number
  readonly walBytes: number
}

/** Over the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Latency {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** For plots: [percentile from 0 to 100, milliseconds], ascending. */
  readonly curve: readonly (readonly [number, number])[]
}

export interface ExpectationResult {
  /** As given: `batched/atomic-update>=10`. */
  readonly text: string
  readonly scenario: string
  readonly value: number
  readonly holds: boolean
}
