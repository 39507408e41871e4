/** The operations of the flash-sale theatre, for whoever may make them: one sale at a time, and the last few to look at. */
import type { SaleState, SaleStopReason, SaleStrategy } from "../core/sales.ts"

export interface Theatre {
  readonly strategies: readonly StagedStrategy[]
  /** The sale under way, or the last one; null before the first. */
  current(): SaleView | null
  start(request: SaleRequest): Promise<StartSaleOutcome>
  /** Null: there is no such sale, or it is not kept any more. */
  sale(id: string): SaleView | null
  /** As it is now, some ten times a second, up to what came of it. Null: there is no such sale. */
  follow(id: string, signal: AbortSignal): AsyncIterable<SaleView> | null
  /** Resolves once it is over, also if it was before. Null: there is no such sale. */
  stop(id: string): Promise<SaleView | null>
}

export interface StagedStrategy {
  readonly name: SaleStrategy
  readonly title: string
  readonly description: string
  readonly isBroken: boolean
}

export interface SaleRequest {
  readonly units: number
  /** Each asks for one unit, once. */
  readonly buyers: number
  readonly strategy: SaleStrategy
}

export type StartSaleOutcome =
  | { readonly outcome: "started"; readonly sale: SaleView }
  /** The id is null when it is another process over the same database that plays. */
  | { readonly outcome: "sale_running"; readonly id: string | null }

export interface SaleView extends SaleRequest {
  readonly id: string
  readonly state: SaleState
  readonly createdAt: Date
  /** When the first buyer asked. */
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly figures: SaleFiguresView
  /** Units promised beyond what was there: by what buyers were told, and by the books once they are read. */
  readonly oversold: number
  readonly stoppedBy: SaleStopReason | null
  /** The first fault, for people: of the sale when it `failed`, else of a buyer who got no answer. */
  readonly failure: string | null
  /** Null until they were read. */
  readonly books: SaleBooks | null
}

export interface SaleFiguresView {
  /** From the first buyer who asked to the last one who was answered, or to now. */
  readonly elapsedMs: number
  readonly asked: number
  readonly reserved: number
  /** For want of stock. */
  readonly refused: number
  /** Without an answer: faults. */
  readonly failed: number
  /** Answers a second, of the whole sale so far. */
  readonly perSecond: number
  readonly latency: SaleLatency | null
  readonly series: SaleSeriesView
}

export interface SaleLatency {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** One value for each step of time, from the begin of the selling: how many were answered, and the slowest answer. */
export interface SaleSeriesView {
  readonly stepMs: number
  readonly reserved: readonly number[]
  readonly refused: readonly number[]
  readonly failed: readonly number[]
  readonly maxMs: readonly number[]
}

/** What the database has on record, whatever buyers were told. */
export interface SaleBooks {
  readonly units: number
  /** Units of reservations that are held or confirmed. */
  readonly promised: number
  /** What it would still sell. */
  readonly available: number
  /** The laws of `earmark verify` that do not hold; null for what has no laws. */
  readonly brokenLaws: readonly string[] | null
}
