/** What a scenario is: contenders that are opened once and then measured in turns, under one load after another. */
import type { Histogram } from "hdr-histogram-js"
import type { Axis, ContenderRole, SizeName } from "./result.ts"
import type { MeasuredServer } from "./server.ts"

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly question: string
  readonly counted: string
  readonly axis: Axis | null
  /** In the order in which they take turns. */
  readonly contenders: readonly Contender[]
  /** Closed loops come first: an open loop is sized by the highest rate that they found. */
  loads(size: SizeName): readonly Load[]
}

export interface Contender {
  /** As in `--contenders` and `--expect`: no space, comma, slash or colon. */
  readonly name: string
  readonly role: ContenderRole
  /** Loads that it cannot be put under are left out; it takes all if this is not given. */
  takes?(load: Load): boolean
  /** What opening takes, where that is more than a moment: for the time left. */
  readonly openSeconds?: Readonly<Record<SizeName, number>>
  /** Callers and engine are processes of their own, whose processor time is not this one's. */
  readonly isElsewhere?: boolean
  open(surroundings: Surroundings): Promise<Subject>
}

export interface Surroundings {
  readonly server: MeasuredServer
  readonly size: SizeName
  /** Connections of each contender. */
  readonly poolSize: number
  /** What is going on, for people: a long preparation says how far it is. */
  readonly say: (text: string) => void
  /** Aborted when the run is to end early: what takes long looks at it between steps. */
  readonly stopping: AbortSignal
}

export type Load = ClosedLoad | OpenLoad

interface AnyLoad {
  readonly at: number | null
  readonly label: string
  /** What a round takes where that is not up to the seconds asked for: for the time left. */
  readonly roundSeconds?: number
}

export interface ClosedLoad extends AnyLoad {
  readonly loop: "closed"
  /** Callers that ask at the same time. */
  readonly callers: number
}

export interface OpenLoad extends AnyLoad {
  readonly loop: "open"
  /** Of the contender's highest rate among the closed loops, 0 to 1. */
  readonly shareOfHighest: number
}

/** A load as it is put on: the open one with its rate worked out. */
export type AppliedLoad = ClosedLoad | (OpenLoad & { readonly perSecond: number })

/** An opened contender. */
export interface Subject {
  measure(load: AppliedLoad, seconds: number): Promise<Measurement>
  close(): Promise<void>
}

/** One round. */
export interface Measurement {
  readonly answers: number
  readonly seconds: number
  /** Microseconds; in an open loop counted from when the request was due. Null where single requests are not timed. */
  readonly latencies: Histogram | null
  readonly oversold: number
  readonly leaked: number
  readonly figures?: Readonly<Record<string, number>>
  /** How many of what a profile tells the time of; the answers, if it is not given. */
  readonly profiled?: number
}
