/** Expiry. Correctness never waits for it: from its deadline on a hold counts as free everywhere (promise L1). */
import { type EngineContext, submit } from "./context.ts"
import type { CallerTransaction, OverdueHold } from "./ports.ts"

/** Holds ended in one pass: enough to share a few transactions, few enough that requests come in between. */
const SWEEP_LIMIT_DEFAULT = 1000

export async function sweep(context: EngineContext, limit = SWEEP_LIMIT_DEFAULT): Promise<number> {
  const overdue = await context.store.overdue({ limit })
  const ended = await expireAll(context, overdue)
  const lagMs = overdue.reduce((most, hold) => Math.max(most, hold.overdueMs), 0)
  context.observer.swept(ended, lagMs / 1000)
  return ended
}

/** Ends the overdue holds of one level first, so that the answer to an adjustment shows what is really held. */
export async function takeBackOverdue(
  context: EngineContext,
  { sku, location }: { sku: string; location: string },
  tx: CallerTransaction | undefined,
): Promise<void> {
  const query = { limit: SWEEP_LIMIT_DEFAULT, level: { sku, location } }
  await expireAll(context, await context.store.overdue(tx ? { ...query, tx } : query), tx)
}

async function expireAll(
  context: EngineContext,
  holds: readonly OverdueHold[],
  tx?: CallerTransaction,
): Promise<number> {
  const outcomes = tx
    ? await inTurn(holds, (hold) => submit(context, { kind: "expire", id: hold.id }, tx))
    : await Promise.all(holds.map((hold) => submit(context, { kind: "expire", id: hold.id }, undefined)))
  return outcomes.filter(({ outcome }) => outcome === "expired").length
}

/** One connection carries one transaction: its statements follow one another. */
async function inTurn<T, R>(values: readonly T[], run: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const value of values) results.push(await run(value))
  return results
}
