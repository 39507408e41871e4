/**
 * One try at a batch of commands, from begin to commit: read (and lock), decide, write, commit. Where a strategy locks
 * or compares is its `Guard`; everything else is the same for all, so the promises hold for all.
 */
import type { Command, Outcome } from "../core/commands.ts"
import { decide } from "../core/decision/decide.ts"
import type { Changes, Decision } from "../core/decision/draft.ts"
import { writesOf } from "./changes.ts"
import type { Database } from "./database.ts"
import type { Guard, Write } from "./guard.ts"
import { setLockTimeout } from "./lock-timeout.ts"
import { findOverdueOfLevels } from "./overdue.ts"
import { loadSnapshot } from "./snapshot.ts"
import type { Statement } from "./statement.ts"
import { type Session, Transaction } from "./transaction.ts"
import { levelInserts } from "./writes/levels.ts"

export type Attempt =
  | { readonly kind: "done"; readonly outcomes: readonly Outcome[] }
  /** Something moved between reading and writing; nothing was changed. */
  | { readonly kind: "conflict" }
  /** Something fell short while these holds are overdue: they come first (promise L1). Nothing was changed. */
  | { readonly kind: "overdue"; readonly ids: readonly string[] }

export interface AttemptOptions {
  readonly guard: Guard
  /** An earlier try may have been committed without our knowing. */
  readonly resuming: boolean
  /** Waits for no lock longer than this, instead of the connection's own bound. */
  readonly lockTimeoutMs?: number | undefined
}

/** Overdue holds that are taken back in one transaction: bounds how long it keeps its locks. */
export const TAKE_BACK_MAX = 1000

export async function attempt(
  database: Database,
  commands: readonly Command[],
  options: AttemptOptions,
): Promise<Attempt> {
  const transaction = await Transaction.open(database)
  try {
    const { lockTimeoutMs } = options
    if (lockTimeoutMs !== undefined) {
      await transaction.run([setLockTimeout(database.schema, String(lockTimeoutMs))])
    }
    const prepared = await prepare(transaction, database.schema, { commands, ...options })
    if (prepared.overdueIds.length > 0) return { kind: "overdue", ids: prepared.overdueIds }
    if (prepared.moved) return { kind: "conflict" }
    const writes = await writesFor(transaction, database.schema, { ...prepared, guard: options.guard })
    const { holds, rest } = await runGuarded(transaction, writes)
    if (!holds) return { kind: "conflict" }
    await transaction.commit(rest)
    return { kind: "done", outcomes: prepared.decision.outcomes }
  } finally {
    await transaction.rollback()
  }
}

export interface Prepared {
  readonly decision: Decision
  readonly nowMs: number
  readonly keyPeriod: number
  readonly overdueIds: readonly string[]
  /** Something fell short, and the levels have moved since they were read: the decision may never have been right. */
  readonly moved: boolean
}

/** Reads and decides; when something fell short, looks for overdue holds that the commands do not end already. */
export async function prepare(
  session: Session,
  schema: string,
  { commands, guard, resuming }: AttemptOptions & { readonly commands: readonly Command[] },
): Promise<Prepared> {
  const snapshot = await loadSnapshot(session, commands, { schema, lockLevels: guard.lockLevels, resuming })
  const decision = decide(snapshot, commands)
  const { nowMs, keyPeriod } = snapshot
  const unsettled = new Set(decision.unsettledLevelIds)
  if (unsettled.size === 0) return { decision, nowMs, keyPeriod, overdueIds: [], moved: false }
  const ending = new Set(commands.flatMap((command) => (command.kind === "expire" ? [command.id] : [])))
  const found = await findOverdueOfLevels(session, schema, {
    levels: snapshot.levels.filter(({ id }) => unsettled.has(id)),
    locked: guard.lockLevels,
    anywhereSkus: decision.shortAnywhereSkus,
    nowMs,
    limit: TAKE_BACK_MAX + ending.size,
  })
  const overdueIds = found.ids.filter((id) => !ending.has(id))
  // "Insufficient" must have been true at some instant (promise L2): a hold that was overdue when the levels were read,
  // and has ended since, is found by nobody, and yet its units were free all the time.
  return { decision, nowMs, keyPeriod, overdueIds, moved: found.moved }
}

/** The writes of a decision; levels that are new are inserted on the way, because the rest needs their ids. */
export async function writesFor(
  session: Session,
  schema: string,
  { decision, nowMs, keyPeriod, guard }: Prepared & { readonly guard: Guard },
): Promise<Write[]> {
  const { changes } = decision
  const madeIds = await insertLevels(session, schema, changes)
  return writesOf(changes, { schema, nowMs, keyPeriod, madeIds, levelWrites: guard.levelWrites })
}

/**
 * Runs the writes up to the last that is guarded. The decision holds only if every guarded row was touched: look before
 * anything builds on it.
 */
export async function runGuarded(
  session: Session,
  writes: readonly Write[],
): Promise<{ readonly holds: boolean; readonly rest: readonly Statement[] }> {
  const count = writes.findLastIndex(({ rowCount }) => rowCount !== null) + 1
  const statements = writes.map(({ statement }) => statement)
  const results = count === 0 ? [] : await session.run(statements.slice(0, count))
  const holds = results.every(
    (result, index) => writes[index]?.rowCount === null || writes[index]?.rowCount === result.rowCount,
  )
  return { holds, rest: statements.slice(count) }
}

async function insertLevels(
  session: Session,
  schema: string,
  changes: Changes,
): Promise<Map<number, number>> {
  const ids = new Map<number, number>()
  if (changes.madeLevels.length === 0) return ids
  const results = await session.run(levelInserts(schema, changes))
  changes.madeLevels.forEach((level, index) => {
    ids.set(level.id, Number(results[index]?.rows[0]?.["id"]))
  })
  return ids
}
