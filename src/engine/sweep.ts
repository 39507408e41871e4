/** Expiry. Correctness never waits for it: from its deadline on a hold counts as free everywhere (promise L1). */
import { type EngineContext, submit } from "./context.ts"
import type { OverdueHold } from "./ports.ts"

/** Lines looked at in one pass: so many that those of one level come together, some tenths of a second's worth. */
const SWEEP_LIMIT_DEFAULT = 10_000
/**
 * Commands under way at once, all in one transaction or two: some 8 ms of work, which a request for the same level waits
 * for. With 1000 a flood ends a quarter sooner, and the 99th percentile of requests meanwhile is three times as high.
 */
const IN_FLIGHT_MAX = 256

/** A database that is away fails them all: after so many, pausing is better than asking on. */
const FAILURES_MAX = 100

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
  let ended = 0
  const failures: unknown[] = []
  const waiting = holds.values()
  const expireOneByOne = async () => {
    for (const { id } of waiting) {
      try {
        const { outcome } = await submit(context, { kind: "expire", id }, undefined)
        if (outcome === "expired") ended += 1
      } catch (error) {
        failures.push(error)
        if (failures.length >= FAILURES_MAX) return
      }
    }
  }
  const inFlight = Math.min(IN_FLIGHT_MAX, context.strategy.sharedCommandsMax, holds.length)
  await Promise.all(Array.from({ length: inFlight }, expireOneByOne))
  if (ended === 0 && failures.length > 0) throw failures[0]
  return ended
}
