/** What callers ask for. */
import type { AdjustmentReason } from "../core/commands.ts"
import type { Metadata } from "../core/model.ts"
import type { Origin } from "../core/origin.ts"
import type { CallerTransaction } from "./ports.ts"

export interface ReserveRequest {
  readonly lines: readonly {
    readonly sku: string
    readonly quantity: number
    readonly location?: string | undefined
  }[]
  readonly customerId?: string | undefined
  readonly ttlSeconds?: number | undefined
  readonly metadata?: Metadata | undefined
  /** Id of an earlier reservation of the same customer, to be given back in the same transaction. */
  readonly replaces?: string | undefined
  readonly idempotencyKey?: string | undefined
}

export interface AdjustRequest {
  readonly sku: string
  readonly location: string
  readonly delta: number
  readonly reason: AdjustmentReason
  readonly reference?: string | undefined
  readonly idempotencyKey?: string | undefined
}

export interface CallOptions {
  /** The caller's own transaction: the change lives or dies with it. */
  readonly tx?: CallerTransaction | undefined
  /** Who asks, and in which trace: written into the journal and into events. */
  readonly origin?: Origin | undefined
}

export interface EventsRequest {
  /** A cursor that the feed has given; without one the oldest that is kept comes first. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
}

export interface FollowRequest {
  /** A cursor that the feed has given; without one what happens from now on is told. */
  readonly after?: string | undefined
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
  /** With nothing new for so long an empty batch comes, with its cursor; 15 s if not given. */
  readonly idleMs?: number | undefined
}
