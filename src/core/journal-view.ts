/** The journal as it is shown: each change of a stock level with who asked, why, and the level before and after. */
import { availableUnits, type Balances, balancesAfter, type Change } from "./events/changes.ts"
import { toWireId } from "./ids.ts"
import type { JournalKind } from "./stock-book.ts"

/** A stock level between two changes. */
export interface JournalBalances {
  readonly onHand: number
  /** For reservations; what Redis may grant is not counted. */
  readonly held: number
  readonly safetyStock: number
  /** Units that Redis may grant. */
  readonly allotted: number
  readonly available: number
}

export interface JournalView {
  readonly sku: string
  readonly location: string
  /** Of the level after the change: 1, 2, 3 ... without a gap. */
  readonly version: number
  readonly kind: JournalKind
  /** On the database's clock. */
  readonly occurredAt: Date
  /** Who asked, as the caller said. */
  readonly actor: string | null
  readonly traceparent: string | null
  readonly reservationId: string | null
  /** Whose reservation; null also when retention has dropped it. */
  readonly customerId: string | null
  readonly reason: string | null
  readonly reference: string | null
  /** The deadline, where this set one. */
  readonly expiresAt: Date | null
  readonly before: JournalBalances
  readonly after: JournalBalances
}

/** @param before what a row does not say about the level before it */
export function viewChange(change: Change, before: Pick<Balances, "safetyStock" | "allotted">): JournalView {
  const { origin, reservationId, reservation, expiresAtMs } = change
  // Each row is the one before it plus what it changes: the schema refuses any other.
  const start: Balances = {
    ...before,
    onHand: change.onHand - change.onHandDelta,
    held: change.held - change.heldDelta,
  }
  return {
    sku: change.sku,
    location: change.location,
    version: change.version,
    kind: change.kind,
    occurredAt: new Date(change.occurredAtMs),
    actor: origin?.actor ?? null,
    traceparent: origin?.traceparent ?? null,
    reservationId: reservationId === null ? null : toWireId(reservationId),
    customerId: reservation?.customerId ?? null,
    reason: change.reason,
    reference: change.reference,
    expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
    before: shown(start),
    after: shown(balancesAfter(start, change)),
  }
}

function shown(balances: Balances): JournalBalances {
  const { onHand, held, safetyStock, allotted } = balances
  return { onHand, held: held - allotted, safetyStock, allotted, available: availableUnits(balances) }
}
