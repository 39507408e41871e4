/** What reads answer. */
import type { Metadata, Reservation, StockLevelView } from "../core/model.ts"

export type LocationLevel = Omit<StockLevelView, "sku">

export interface ItemView {
  readonly sku: string
  readonly name: string
  readonly description: string | null
  readonly imageUrl: string | null
  readonly metadata: Metadata
  /** With fewer available units at a location it is low on stock there; null: never. */
  readonly lowStockThreshold: number | null
  /** Sums over the locations. */
  readonly available: number
  readonly onHand: number
  readonly held: number
  /** The location that is asked first comes first. */
  readonly locations: readonly LocationLevel[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface LocationView {
  readonly code: string
  readonly name: string
  /** The lower number is asked first. */
  readonly priority: number
  readonly metadata: Metadata
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Availability {
  readonly sku: string
  readonly available: number
  readonly onHand: number
  readonly held: number
  readonly locations: readonly LocationLevel[]
  /** As in `AsOf`. */
  readonly asOf: Date
}

/**
 * What may come from a read replica, with the time on the primary's clock by which whatever was committed has been seen. What
 * was committed later may have been seen too.
 */
export type AsOf<T> = T & { readonly asOf: Date }

/** Holds, which are lines of reservations, and what they hold. */
export interface HoldsTotal {
  readonly holds: number
  readonly units: number
}

/** What is held in Postgres now. A hold past its deadline is free already, and counts as overdue only. */
export interface HoldsSummary extends HoldsTotal {
  /** There are so many that a share of them was counted. */
  readonly isEstimate: boolean
  /** Of the buckets below: less than each, and no less than the one before; the last bucket has the rest. */
  readonly boundsSeconds: readonly number[]
  readonly byAge: readonly HoldsTotal[]
  readonly byTimeLeft: readonly HoldsTotal[]
  /** Those whose end no sweep has recorded yet. */
  readonly overdue: {
    readonly holds: number
    /** So many were counted, and there are more. */
    readonly isMore: boolean
    /** How long the longest overdue one has been so; 0 without any. */
    readonly lagSeconds: number
  }
}

/** An item that Redis grants from memory. */
export interface HotItemView {
  readonly sku: string
  /** Units of each of its stock levels that Redis should have ready; 0 while it is cooling down. */
  readonly target: number
  readonly locations: readonly {
    readonly location: string
    /** Units that are Redis' now: ready there, or granted and not persisted yet. */
    readonly allotted: number
  }[]
}

export type SetHotOutcome =
  | { readonly outcome: "changed"; readonly item: HotItemView }
  | { readonly outcome: "item_not_found"; readonly sku: string }

export interface Page<T> {
  readonly data: readonly T[]
  /** Opaque; null at the end. */
  readonly nextCursor: string | null
}

export interface PageRequest {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface ItemFilter extends PageRequest {
  /** A part of the sku or the name, in any case. */
  readonly q?: string | undefined
}

export interface ReservationFilter extends PageRequest {
  readonly state?: Reservation["state"] | undefined
  readonly customerId?: string | undefined
  readonly sku?: string | undefined
}

export interface ItemInput {
  readonly sku: string
  readonly name: string
  readonly description?: string | undefined
  readonly imageUrl?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly lowStockThreshold?: number | undefined
}

export interface LocationInput {
  readonly code: string
  readonly name: string
  readonly priority?: number | undefined
  readonly metadata?: Metadata | undefined
}

export type PutItemOutcome = { readonly outcome: "made" | "changed"; readonly item: ItemView }
export type PutLocationOutcome = { readonly outcome: "made" | "changed"; readonly location: LocationView }
