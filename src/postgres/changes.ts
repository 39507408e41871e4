/**
 * Writes what a decision changed. Stock moves by relative updates under the table's checks; where the strategy has not
 * locked the levels it compares versions, and a level that moved since it was read stops the transaction.
 */
import type { Changes } from "../core/decision/draft.ts"
import type { ReservationRecord } from "../core/model.ts"
import type { Guard, Write } from "./guard.ts"
import type { Statement } from "./statement.ts"
import { allotmentUpsert, revocationInsert } from "./writes/allotments.ts"
import { holdChanges, holdInsert } from "./writes/holds.ts"
import { adjustmentInsert, journalInsert } from "./writes/journal.ts"
import { keyInserts } from "./writes/keys.ts"
import { reservationInsert, reservationUpdate } from "./writes/reservations.ts"

export interface WriteOptions {
  readonly schema: string
  readonly nowMs: number
  /** The period that was open before the keys were read. */
  readonly keyPeriod: number
  /** Ids of levels made in this transaction, by the negative id that stood for them. */
  readonly madeIds: ReadonlyMap<number, number>
  /** How the stock levels are written. */
  readonly levelWrites: Guard["levelWrites"]
}

/** In lock order: the reservations are locked already, then stock levels, then inserts. */
export function writesOf(changes: Changes, options: WriteOptions): Write[] {
  const { schema, nowMs, madeIds } = options
  const idOf = (id: number) => madeIds.get(id) ?? id
  const writes: Write[] = []
  const locked = (statement: Statement) => writes.push({ statement, rowCount: null })
  if (changes.levels.length > 0) writes.push(...options.levelWrites(schema, changes.levels, idOf))
  // After the levels, which a strategy that has not locked them may have to wait for: the deadline is looked at in the
  // last statement that can wait (promise S5). The reservations themselves have been locked since they were read.
  if (changes.reservations.length > 0) {
    writes.push(reservationUpdate(schema, nowMs, changes.reservations))
    for (const statement of holdChanges(schema, changes.reservations)) locked(statement)
  }
  if (changes.newReservations.length > 0) {
    const records = asMade(changes)
    locked(reservationInsert(schema, nowMs, { records, idOf }))
    locked(holdInsert(schema, records, idOf))
    for (const statement of keyInserts(schema, options.keyPeriod, records)) locked(statement)
  }
  if (changes.changedNewReservations.length > 0) {
    writes.push(reservationUpdate(schema, nowMs, changes.changedNewReservations))
    for (const statement of holdChanges(schema, changes.changedNewReservations)) locked(statement)
  }
  if (changes.allotments.length > 0) locked(allotmentUpsert(schema, changes.allotments))
  if (changes.revocations.length > 0) locked(revocationInsert(schema, nowMs, changes.revocations))
  if (changes.newAdjustments.length > 0) locked(adjustmentInsert(schema, changes, idOf))
  if (changes.journal.length > 0) locked(journalInsert(schema, nowMs, { entries: changes.journal, idOf }))
  return writes
}

/** Every reservation is a hold first, whatever became of it in the same batch. */
function asMade({ newReservations, changedNewReservations }: Changes): readonly ReservationRecord[] {
  if (changedNewReservations.length === 0) return newReservations
  const made = new Map(changedNewReservations.map(({ before }) => [before.id, before]))
  return newReservations.map((record) => made.get(record.id) ?? record)
}
