/**
 * Commands inside a transaction of the caller's: no begin, no commit, no retry of ours. Everything happens behind a
 * savepoint, so a call that throws has left nothing behind, even if the caller commits all the same.
 */
import type { Command, ExpireCommand, Outcome } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import type { CallerTransaction } from "../engine/ports.ts"
import { prepare, runGuarded, writesFor } from "./attempt.ts"
import type { Database } from "./database.ts"
import { faultKind, isSqlState, TransactionFault, toEarmarkError } from "./faults.ts"
import type { Guard } from "./guard.ts"
import { findOverdueOfSkus } from "./overdue.ts"
import type { Statement } from "./statement.ts"
import { RETRY_BUDGET_MS } from "./timeouts.ts"
import type { Session } from "./transaction.ts"

const SAVEPOINT: Statement = { text: "savepoint earmark", values: [] }
const RELEASE: Statement = { text: "release savepoint earmark", values: [] }
const BACK: Statement = { text: "rollback to savepoint earmark", values: [] }
const ISOLATION: Statement = { text: "select current_setting('transaction_isolation') as level", values: [] }

const NO_ACTIVE_TRANSACTION = "25P01"
const TRANSACTION_ABORTED = "25P02"

interface Within {
  readonly command: Command
  readonly guard: Guard
}

export async function runWithin(
  { schema }: Database,
  tx: CallerTransaction,
  within: Within,
): Promise<Outcome> {
  const session = sessionOf(tx)
  await open(session, within.guard)
  try {
    const outcome = await decideWithin(session, schema, within)
    await session.run(isShort(outcome) ? [BACK, RELEASE] : [RELEASE])
    return outcome
  } catch (error) {
    await session.run([BACK, RELEASE]).catch(() => undefined)
    if (error instanceof EarmarkError) throw error
    const kind = faultKind(error)
    throw kind === "retry" ? conflict(error) : toEarmarkError(error, kind)
  }
}

/** Refused for want of units: gives its locks back, so that others can bring some before the caller asks again. */
function isShort({ outcome }: Outcome): boolean {
  return outcome === "insufficient_stock" || outcome === "stock_below_held"
}

async function open(session: Session, guard: Guard): Promise<void> {
  try {
    const [, isolation] = await session.run([SAVEPOINT, ISOLATION])
    const level = isolation?.rows[0]?.["level"]
    if (guard.lockLevels || level === "read committed") return
    throw new EarmarkError(
      "transaction_unsupported",
      `A strategy that does not lock cannot decide in a ${level} transaction, which does not see what has changed.`,
      { notApplied: true },
    )
  } catch (error) {
    if (isSqlState(error, NO_ACTIVE_TRANSACTION)) {
      const message = "must be a connection on which a transaction was begun; a pool is none"
      throw new EarmarkError("invalid_request", `tx ${message}`, {
        notApplied: true,
        errors: [{ pointer: "/tx", message }],
        cause: error,
      })
    }
    if (isSqlState(error, TRANSACTION_ABORTED)) throw conflict(error)
    throw error instanceof EarmarkError ? error : toEarmarkError(error, faultKind(error))
  }
}

async function decideWithin(session: Session, schema: string, { command, guard }: Within): Promise<Outcome> {
  const startedMs = performance.now()
  let expiring = await overdueFor(session, schema, command)
  while (performance.now() - startedMs < RETRY_BUDGET_MS) {
    const commands = [...expiring, command]
    const prepared = await prepare(session, schema, { commands, guard, resuming: false })
    if (prepared.overdueIds.length > 0 || prepared.moved) {
      // Give the levels back first: what is overdue is locked before them, as everywhere.
      await session.run([BACK])
      expiring = [...expiring, ...prepared.overdueIds.map(expire)]
      continue
    }
    const writes = await writesFor(session, schema, { ...prepared, guard })
    const { holds, rest } = await runGuarded(session, writes)
    if (!holds) throw conflict(undefined)
    await session.run(rest)
    return prepared.decision.outcomes.at(-1) as Outcome
  }
  throw conflict(undefined)
}

/** Overdue holds that may be met: taken along at once, rather than found after the levels have been locked. */
async function overdueFor(session: Session, schema: string, command: Command): Promise<ExpireCommand[]> {
  const skus = skusOf(command)
  if (skus.length === 0) return []
  return (await findOverdueOfSkus(session, schema, skus)).map(expire)
}

function skusOf(command: Command): string[] {
  if (command.kind === "reserve") return command.lines.map((line) => line.sku)
  return "sku" in command ? [command.sku] : []
}

function expire(id: string): ExpireCommand {
  return { kind: "expire", id }
}

/** A caller's connection may be anything that runs a statement: one after the other, and rows come back. */
function sessionOf(tx: CallerTransaction): Session {
  return {
    async run(statements) {
      const results = []
      for (const { text, values } of statements) {
        try {
          const { rows, rowCount } = await tx.query({ text, values })
          results.push({ rows, rowCount: rowCount ?? 0 })
        } catch (error) {
          throw new TransactionFault(error, false)
        }
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
