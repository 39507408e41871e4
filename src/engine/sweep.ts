/** Expiry. Correctness never waits for it: from its deadline on a hold counts as free everywhere (promise L1). */
import type { ExpireOutcome } from "../core/commands.ts"
import { type EngineContext, submit } from "./context.ts"
import type { OverdueHold } from "./ports.ts"

/** Holds ended in one pass: enough to share a few transactions, few enough that requests come in between. */
const SWEEP_LIMIT_DEFAULT = 1000

/** Returns how many holds this call has ended; rivals may have ended others of those that it found. */
export async function sweep(context: EngineContext, limit = SWEEP_LIMIT_DEFAULT): Promise<number> {
  const overdue = await context.store.overdue(limit)
  const ended = await expireAll(context, overdue)
  const lagMs = overdue.reduce((most, hold) => Math.max(most, hold.overdueMs), 0)
  context.observer.swept(ended, lagMs / 1000)
  return ended
}

/** Those that fail are met again by the next pass; only when none could be ended is that a failure of this one. */
async function expireAll(context: EngineContext, holds: readonly OverdueHold[]): Promise<number> {
  const results: PromiseSettledResult<ExpireOutcome>[] = []
  const slice = context.strategy.sharedCommandsMax
  for (let from = 0; from < holds.length; from += slice) {
    const commands = holds.slice(from, from + slice).map(({ id }) => ({ kind: "expire", id }) as const)
    results.push(
      ...(await Promise.allSettled(commands.map((command) => submit(context, command, undefined)))),
    )
  }
  const failure = results.find((result) => result.status === "rejected")
  const ended = results.filter(
    (result) => result.status === "fulfilled" && result.value.outcome === "expired",
  )
  if (failure && ended.length === 0) throw failure.reason
  return ended.length
}
