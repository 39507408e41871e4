/**
 * Commands inside a transaction of the caller's: no begin, no commit, no retry. Whatever goes wrong here has spoiled
 * the caller's transaction, so it is thrown, and the caller runs the whole of it again.
 */
import type { Command, ExpireCommand, Outcome } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import type { CallerTransaction } from "../engine/ports.ts"
import { allTouched, type Guard, prepare, TAKE_BACK_MAX, writesFor } from "./attempt.ts"
import type { Database } from "./database.ts"
import { faultKind, toEarmarkError } from "./faults.ts"
import { findOverdueOfSkus } from "./overdue.ts"
import type { Session } from "./transaction.ts"

/** Passes over newly overdue holds: each comes only when another deadline passed between two statements. */
const PASSES_MAX = 5

export async function runWithin(
  database: Database,
  tx: CallerTransaction,
  { command, guard }: { command: Command; guard: Guard },
): Promise<Outcome> {
  const session = sessionOf(tx)
  try {
    return await decideWithin(session, database, { command, guard })
  } catch (error) {
    if (error instanceof EarmarkError) throw error
    const kind = faultKind(error)
    if (kind !== "retry") throw toEarmarkError(error, kind)
    throw conflict(error)
  }
}

async function decideWithin(
  session: Session,
  { schema }: Database,
  { command, guard }: { command: Command; guard: Guard },
): Promise<Outcome> {
  // The levels will be locked and cannot be let go again, so what is overdue has to be locked before them.
  let expiring = await overdueFor(session, schema, command)
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const commands = [...expiring, command]
    const prepared = await prepare(session, schema, { commands, guard, resuming: false })
    if (prepared.overdueIds.length > 0) {
      expiring = [...expiring, ...prepared.overdueIds.map((id): ExpireCommand => ({ kind: "expire", id }))]
      continue
    }
    if (prepared.moved) continue
    const writes = await writesFor(session, schema, { ...prepared, guard })
    const results = await session.run(writes.map(({ statement }) => statement))
    if (!allTouched(writes, results)) throw conflict(undefined)
    return prepared.decision.outcomes.at(-1) as Outcome
  }
  throw conflict(undefined)
}

async function overdueFor(session: Session, schema: string, command: Command): Promise<ExpireCommand[]> {
  if (command.kind !== "reserve") return []
  const skus = command.lines.map((line) => line.sku)
  const overdue = await findOverdueOfSkus(session, schema, { skus, limit: TAKE_BACK_MAX })
  return overdue.map(({ id }) => ({ kind: "expire", id }))
}

/** A caller's connection may be anything that runs a statement: one after the other, and rows come back. */
export function sessionOf(tx: CallerTransaction): Session {
  return {
    async run(statements) {
      const results = []
      for (const { text, values } of statements) {
        const { rows, rowCount } = await tx.query({ text, values })
        results.push({ rows, rowCount: rowCount ?? 0 })
      }
      return results
    },
  }
}

function conflict(cause: unknown): EarmarkError {
  return new EarmarkError(
    "transaction_conflict",
    "Somebody else changed the same stock. Roll back, and run the whole transaction again.",
    { notApplied: true, cause },
  )
}
