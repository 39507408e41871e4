/** Changes as the journal has them, with what an event tells about them. */
import type { Grant, RevocationReason } from "../allotments.ts"
import type { Metadata } from "../model.ts"
import type { Origin } from "../origin.ts"
import type { JournalKind } from "../stock-book.ts"

/** One journal row. */
export interface Change {
  readonly levelId: number
  readonly sku: string
  readonly location: string
  readonly version: number
  readonly kind: JournalKind
  readonly onHandDelta: number
  readonly heldDelta: number
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  readonly occurredAtMs: number
  readonly reason: string | null
  readonly reference: string | null
  /** The deadline, where this set one. */
  readonly expiresAtMs: number | null
  /** Units allotted to Redis afterwards, where this changed them. */
  readonly allotted: number | null
  readonly origin: Origin | null
  readonly reservationId: string | null
  /** Of a line whose hold was extended, of which no delta tells; null also when retention has dropped the reservation. */
  readonly extendedQuantity: number | null
  /** Null when it is no change of a reservation, or of one that retention has dropped. */
  readonly reservation: ReservationFacts | null
  /** From fewer available units on the item counts as low on stock; null: never. */
  readonly lowStockThreshold: number | null
}

/** What does not change about a reservation. */
export interface ReservationFacts {
  readonly customerId: string | null
  readonly ttlSeconds: number
  readonly createdAtMs: number
  /** Its last deadline. */
  readonly expiresAtMs: number
  readonly metadata: Metadata
}

/** A level between two changes. */
export interface Balances {
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  /** Of `held`, what Redis may grant. */
  readonly allotted: number
}

/** A reservation that was acknowledged as provisional and could not be kept. */
export interface LostReservation {
  readonly id: string
  readonly reason: RevocationReason
  readonly revokedAtMs: number
  readonly grant: Grant
}

export const NOTHING: Balances = { onHand: 0, held: 0, safetyStock: 0, allotted: 0 }

/** What may be sold, by whichever system. */
export function availableUnits({ onHand, held, safetyStock, allotted }: Balances): number {
  return Math.max(0, onHand - held + allotted - safetyStock)
}

export function balancesAfter(before: Balances, change: Change): Balances {
  const { onHand, held, safetyStock } = change
  return { onHand, held, safetyStock, allotted: change.allotted ?? before.allotted }
}
