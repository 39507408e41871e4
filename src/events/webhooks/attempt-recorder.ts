/** Writes down what came of attempts, many in one statement: whatever has come in while the statement before was under way. */
import { setTimeout as timer } from "node:timers/promises"
import type { ReportedAttempt } from "../../engine/delivery-store.ts"

export interface RecorderParts {
  readonly write: (attempts: readonly ReportedAttempt[]) => Promise<void>
  /** They are written down. */
  readonly onWritten: (attempts: readonly ReportedAttempt[]) => void
  readonly onFailure: (error: unknown) => void
}

/** Written in one statement: some milliseconds. */
const BATCH_MAX = 256
/** After a failure: the database is away, and nothing is sent in the meantime. */
const FAILURE_PAUSE_MS = 500
/** At the end, what cannot be written is left: it is sent again by whoever comes next. */
const LAST_TRIES = 3

export class AttemptRecorder {
  readonly #parts: RecorderParts
  readonly #pending: ReportedAttempt[] = []
  #turn: Promise<unknown> = Promise.resolve()
  #writing: Promise<void> | null = null
  #closing = false

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  add(attempt: ReportedAttempt): void {
    this.#pending.push(attempt)
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null
    })
  }

  /** Runs while nothing is being written, so that what it reads is either before a report or after it. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#writing
  }

  async #writeAll(): Promise<void> {
    let failures = 0
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, BATCH_MAX)
      try {
        await this.alone(async () => {
          await this.#parts.write(batch)
          this.#pending.splice(0, batch.length)
          this.#parts.onWritten(batch)
        })
        failures = 0
      } catch (error) {
        failures += 1
        this.#parts.onFailure(error)
        if (this.#closing && failures >= LAST_TRIES) return
        await timer(FAILURE_PAUSE_MS)
      }
    }
  }
}
