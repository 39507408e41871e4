/** Expiry. Correctness never waits for it: from its deadline on a hold counts as free everywhere (promise L1). */
import { EarmarkError } from "../core/errors.ts"
import { type EngineContext, submit } from "./context.ts"
import type { OverdueHold } from "./ports.ts"

/** Lines looked at in one pass: so many that those of one level come together, some tenths of a second's worth. */
const SWEEP_LIMIT_DEFAULT = 10_000
/** Lines ended in one transaction: more of them end a flood sooner, and let requests wait longer (decision 0013). */
const TOGETHER_MAX = 64
/**
 * Transactions under way at once, each with a share of its own: holds come level by level, and neighbours would wait for
 * each other at the level that they have in common.
 */
const TRANSACTIONS_MAX = 2
/** Of holds that were ended alone: after so many, pausing is better than asking on. */
const FAILURES_MAX = 100

export class Sweeper {
  readonly #context: EngineContext
  readonly #passes = new Set<Pass>()
  #closed = false

  constructor(context: EngineContext) {
    this.#context = context
  }

  /** Returns how many holds this call has ended; rivals may have ended others of those that it found. */
  async sweep(limit = SWEEP_LIMIT_DEFAULT): Promise<number> {
    if (this.#closed)
      throw new EarmarkError("unavailable", "The engine is closing. Nothing was changed.", {
        notApplied: true,
      })
    const pass = new Pass(this.#context)
    this.#passes.add(pass)
    try {
      return await pass.run(limit)
    } finally {
      this.#passes.delete(pass)
    }
  }

  /** Passes end with what they have under way. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#passes].map((pass) => pass.stop()))
  }
}

/** Those that fail are met again by the next pass; only when none could be ended is that a failure of this one. */
class Pass {
  readonly #context: EngineContext
  readonly #failures: unknown[] = []
  readonly #over = Promise.withResolvers<void>()
  #ended = 0
  #stopped = false
  /** What is ended alone comes in a row, whichever share it is of: they have as many connections as one. */
  #alone: Promise<void> = Promise.resolve()

  constructor(context: EngineContext) {
    this.#context = context
  }

  async run(limit: number): Promise<number> {
    try {
      const overdue = await this.#context.store.overdue(limit)
      const shares = inParts(overdue, Math.ceil(overdue.length / TRANSACTIONS_MAX), () => 1)
      await Promise.all(shares.map((share) => this.#endShare(share)))
      if (this.#ended === 0 && this.#failures.length > 0) throw this.#failures[0]
      const lagMs = overdue.reduce((most, hold) => Math.max(most, hold.overdueMs), 0)
      this.#context.observer.swept(this.#ended, lagMs / 1000)
      return this.#ended
    } finally {
      this.#over.resolve()
    }
  }

  stop(): Promise<void> {
    this.#stopped = true
    return this.#over.promise
  }

  async #endShare(holds: readonly OverdueHold[]): Promise<void> {
    for (const part of inParts(holds, TOGETHER_MAX, ({ lines }) => lines)) {
      if (this.#stopped) return
      await this.#endPart(part.map(({ id }) => id))
    }
  }

  async #endPart(ids: readonly string[]): Promise<void> {
    try {
      const ended = await this.#context.store.expire(ids)
      if (ended !== null) this.#ended += ended
      else await this.#endInRow(ids)
    } catch (error) {
      // The database is away, for the rest of them too.
      this.#failures.push(error)
      this.#stopped = true
    }
  }

  /** One that somebody else keeps locked, or that the database refuses, must not hold up the others. */
  #endInRow(ids: readonly string[]): Promise<void> {
    this.#alone = this.#alone.then(async () => {
      const waiting = ids.values()
      const endThem = async () => {
        for (const id of waiting) await this.#endAlone(id)
      }
      const atOnce = Math.min(ids.length, this.#context.strategy.sharedCommandsMax)
      await Promise.all(Array.from({ length: atOnce }, endThem))
    })
    return this.#alone
  }

  async #endAlone(id: string): Promise<void> {
    if (this.#stopped || this.#failures.length >= FAILURES_MAX) return
    try {
      const { outcome } = await submit(this.#context, { kind: "expire", id }, {})
      if (outcome === "expired") this.#ended += 1
    } catch (error) {
      this.#failures.push(error)
    }
  }
}

/** In their order; a part weighs no more than `weightMax`, if one alone does not. */
function inParts<T>(values: readonly T[], weightMax: number, weightOf: (value: T) => number): T[][] {
  const parts: T[][] = []
  let weight = Number.POSITIVE_INFINITY
  for (const value of values) {
    weight += weightOf(value)
    if (weight > weightMax) {
      parts.push([])
      weight = weightOf(value)
    }
    parts.at(-1)?.push(value)
  }
  return parts
}
