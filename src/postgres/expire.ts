import type { Database } from "./database.ts"
import { faultKind, toEarmarkError } from "./faults.ts"
import { idValues } from "./id-range.ts"
import { Transaction } from "./transaction.ts"
import { endOverdue, lockLevelsOfOverdue, lockOverdue } from "./writes/expiry.ts"

/**
 * Ends those of these holds that are overdue, and returns how many. In the lock order that everything keeps:
 * reservations by id, then levels by sku and location. A failure means that none or all have ended; asking again is safe.
 */
export async function expire(database: Database, ids: readonly string[]): Promise<number> {
  const { schema } = database
  const values = idValues(ids)
  const transaction = await Transaction.open(database)
  try {
    const statements = [lockOverdue, lockLevelsOfOverdue, endOverdue].map((define) =>
      define(schema, ...values),
    )
    const results = await transaction.run(statements)
    await transaction.commit()
    return Number(results.at(-1)?.rows[0]?.["ended"] ?? 0)
  } catch (error) {
    throw toEarmarkError(error, faultKind(error))
  } finally {
    await transaction.rollback()
  }
}
