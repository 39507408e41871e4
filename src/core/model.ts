/** The records that decisions are made over. Times are whole milliseconds since 1970 on the database's clock. */
import { toWireId } from "./ids.ts"
import { type State, situationOf } from "./states.ts"

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type Metadata = { readonly [key: string]: Json }

/** Units of one item at one location. `available = onHand - held - safetyStock`, never below 0 on the wire. */
export interface StockLevel {
  readonly id: number
  readonly sku: string
  readonly location: string
  /** The location's priority: the lower number is asked first. */
  readonly priority: number
  readonly onHand: number
  /** For reservations, and for Redis to grant (see `allotments.ts`). */
  readonly held: number
  readonly safetyStock: number
  readonly version: number
}

export interface RequestedLine {
  readonly sku: string
  readonly quantity: number
  /** Null: from whichever location has it. */
  readonly location: string | null
}

export interface Line {
  readonly levelId: number
  readonly sku: string
  readonly location: string
  readonly quantity: number
}

export interface ReservationRecord {
  /** A UUID; the wire shows it as `rsv_...`. */
  readonly id: string
  readonly state: State
  readonly customerId: string | null
  readonly lines: readonly Line[]
  readonly ttlSeconds: number
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly updatedAtMs: number
  readonly reference: string | null
  readonly metadata: Metadata
  readonly idempotencyKey: string | null
  readonly fingerprint: string | null
}

/** A reservation as callers see it. */
export interface Reservation {
  readonly id: string
  readonly state: State
  readonly customerId: string | null
  readonly lines: readonly { readonly sku: string; readonly location: string; readonly quantity: number }[]
  readonly ttlSeconds: number
  readonly expiresAt: Date
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly reference: string | null
  readonly metadata: Metadata
  readonly durability: "durable" | "provisional"
}

/** A stock level as callers see it. */
export interface StockLevelView {
  readonly sku: string
  readonly location: string
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  readonly available: number
  readonly version: number
}

/** Promise L1: a hold reads `expired` from its deadline on, whether or not that has been recorded yet. */
export function viewReservation(record: ReservationRecord, nowMs: number): Reservation {
  const overdue = situationOf(record.state, record.expiresAtMs, nowMs) === "overdue"
  return {
    id: toWireId(record.id),
    state: overdue ? "expired" : record.state,
    customerId: record.customerId,
    lines: record.lines.map(({ sku, location, quantity }) => ({ sku, location, quantity })),
    ttlSeconds: record.ttlSeconds,
    expiresAt: new Date(record.expiresAtMs),
    createdAt: new Date(record.createdAtMs),
    updatedAt: new Date(record.updatedAtMs),
    reference: record.reference,
    metadata: record.metadata,
    durability: "durable",
  }
}

export function availableOf(level: Pick<StockLevel, "onHand" | "held" | "safetyStock">): number {
  return Math.max(0, level.onHand - level.held - level.safetyStock)
}

/** @param forSale units of `held` that nobody has: their deadline has passed (promise L1), or Redis may grant them */
export function viewStockLevel(level: Omit<StockLevel, "id" | "priority">, forSale: number): StockLevelView {
  const { sku, location, onHand, safetyStock, version } = level
  const held = level.held - forSale
  return {
    sku,
    location,
    onHand,
    held,
    safetyStock,
    available: availableOf({ onHand, held, safetyStock }),
    version,
  }
}
