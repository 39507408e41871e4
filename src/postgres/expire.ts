import type { Database } from "./database.ts"
import { faultKind, faultReason, toEarmarkError } from "./faults.ts"
import { idValues } from "./id-range.ts"
import { setLockTimeout } from "./lock-timeout.ts"
import type { StatementResult } from "./statement.ts"
import { Transaction } from "./transaction.ts"
import { endOverdue, lockLevelsOfOverdue, lockOverdue } from "./writes/expiry.ts"

/** Longer than any transaction of ours keeps a level. Whoever waits meanwhile has the others of these levels locked. */
const LOCK_TIMEOUT_MS = 100
/** After a rollback that the server asked for, such as a deadlock. */
const TRIES = 3

/**
 * Ends those of these holds that are overdue, and returns how many. Null: not together, because somebody else keeps a row
 * locked, or because one of them is refused. A failure means that none or all have ended; asking again is safe.
 */
export async function expire(database: Database, ids: readonly string[]): Promise<number | null> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await expireTogether(database, ids)
    } catch (error) {
      const kind = faultKind(error)
      database.observer.retry(faultReason(error))
      if (kind === "busy" || kind === "broken") return null
      if (kind !== "retry") throw toEarmarkError(error, kind)
      if (tried === TRIES) return null
    }
  }
}

/** In the lock order that everything keeps: reservations by id, then levels by sku and location. */
async function expireTogether(database: Database, ids: readonly string[]): Promise<number> {
  const { schema } = database
  const values = idValues(ids)
  const transaction = await Transaction.open(database)
  try {
    const results: StatementResult[] = await transaction.commit([
      setLockTimeout(schema, String(LOCK_TIMEOUT_MS)),
      lockOverdue(schema, ...values),
      lockLevelsOfOverdue(schema, ...values),
      endOverdue(schema, ...values),
    ])
    return Number(results.at(-1)?.rows[0]?.["ended"])
  } finally {
    await transaction.rollback()
  }
}
