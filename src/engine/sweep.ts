/** Expiry. Correctness never waits for it: from its deadline on a hold counts as free everywhere (promise L1). */
import { type EngineContext, submit } from "./context.ts"

/** Lines looked at in one pass: so many that those of one level come together, some tenths of a second's worth. */
const SWEEP_LIMIT_DEFAULT = 10_000
/** Holds ended in one transaction: some 5 ms of work, which a request for the same level waits for. */
const TOGETHER_MAX = 256
/**
 * Transactions under way at once, each with a share of its own: holds come level by level, and neighbours would wait for
 * each other at the level that they have in common.
 */
const TRANSACTIONS_MAX = 2

/** A database that is away fails them all: after so many, pausing is better than asking on. */
const FAILURES_MAX = 100

/** Returns how many holds this call has ended; rivals may have ended others of those that it found. */
export async function sweep(context: EngineContext, limit = SWEEP_LIMIT_DEFAULT): Promise<number> {
  const overdue = await context.store.overdue(limit)
  const ended = await new Sweep(context).end(overdue.map(({ id }) => id))
  const lagMs = overdue.reduce((most, hold) => Math.max(most, hold.overdueMs), 0)
  context.observer.swept(ended, lagMs / 1000)
  return ended
}

/** Those that fail are met again by the next pass; only when none could be ended is that a failure of this one. */
class Sweep {
  readonly #context: EngineContext
  readonly #failures: unknown[] = []
  #ended = 0

  constructor(context: EngineContext) {
    this.#context = context
  }

  async end(ids: readonly string[]): Promise<number> {
    const shares = inParts(ids, Math.ceil(ids.length / TRANSACTIONS_MAX))
    await Promise.all(shares.map((share) => this.#endShare(share)))
    if (this.#ended === 0 && this.#failures.length > 0) throw this.#failures[0]
    return this.#ended
  }

  async #endShare(ids: readonly string[]): Promise<void> {
    for (const part of inParts(ids, TOGETHER_MAX)) await this.#endPart(part)
  }

  /** One that somebody else keeps locked, or that the database refuses, must not hold up the others. */
  async #endPart(ids: readonly string[]): Promise<void> {
    if (this.#failures.length >= FAILURES_MAX) return
    try {
      const ended = await this.#context.store.expire(ids)
      this.#ended += ended
    } catch {
      const waiting = ids.values()
      const endThem = async () => {
        for (const id of waiting) await this.#endAlone(id)
      }
      const atOnce = Math.min(ids.length, this.#context.strategy.sharedCommandsMax)
      await Promise.all(Array.from({ length: atOnce }, endThem))
    }
  }

  async #endAlone(id: string): Promise<void> {
    if (this.#failures.length >= FAILURES_MAX) return
    try {
      const { outcome } = await submit(this.#context, { kind: "expire", id }, undefined)
      if (outcome === "expired") this.#ended += 1
    } catch (error) {
      this.#failures.push(error)
    }
  }
}

function inParts(ids: readonly string[], lengthMax: number): string[][] {
  const parts: string[][] = []
  for (let from = 0; from < ids.length; from += lengthMax) parts.push(ids.slice(from, from + lengthMax))
  return parts
}
