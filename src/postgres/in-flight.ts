import { EarmarkError } from "../core/errors.ts"
import type { EngineObserver } from "../engine/ports.ts"

/** Commands that may be under way at once. More would only wait longer than their callers do. */
const IN_FLIGHT_MAX = 10_000

/** Counts what is under way, refuses what is too much, and lets `close` wait for the rest. */
export class InFlight {
  readonly #observer: EngineObserver
  #count = 0
  #closed = false
  readonly #idle = Promise.withResolvers<void>()

  constructor(observer: EngineObserver) {
    this.#observer = observer
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw refused("The engine is closing.")
    if (this.#count >= IN_FLIGHT_MAX) throw refused(`${IN_FLIGHT_MAX} requests are under way already.`)
    this.#count += 1
    this.#observer.queued(this.#count)
    try {
      return await work()
    } finally {
      this.#count -= 1
      this.#observer.queued(this.#count)
      if (this.#closed && this.#count === 0) this.#idle.resolve()
    }
  }

  /** From now on nothing new; resolves when what was accepted is answered. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#count === 0) return
    await this.#idle.promise
  }
}

function refused(detail: string): EarmarkError {
  return new EarmarkError("unavailable", `${detail} Nothing was changed.`, { notApplied: true })
}
