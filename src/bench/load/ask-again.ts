import { EarmarkError } from "../../index.ts"

/** With a thousand callers on one level, the slowest strategy refuses one of them some ten times. */
const TRIES_MAX = 100

/** Asks again those that were refused without anything being done, and counts how often that happened. */
export class AskAgain {
  #turnedAway = 0

  async untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await ask()
      } catch (error) {
        if (
          !(error instanceof EarmarkError) ||
          !error.notApplied ||
          !error.retryable ||
          tried === TRIES_MAX
        ) {
          throw error
        }
        this.#turnedAway += 1
      }
    }
  }

  /** Since the last time; a figure only where there is something to tell. */
  takeFigures(): Record<string, number> {
    const turnedAway = this.#turnedAway
    this.#turnedAway = 0
    return turnedAway > 0 ? { turnedAway } : {}
  }
}
