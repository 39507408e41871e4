/**
 * Remembers which requests wanted stock that a foreign session keeps locked. A lane that waited for it once must not
 * wait again with every batch: until the lock is gone, one request at a time finds that out beside the lane, and the
 * others are refused at once, which tells them the truth: nothing was changed.
 */
import { EarmarkError } from "../core/errors.ts"
import { faultKind, faultReason } from "./faults.ts"

/** lock_timeout and statement_timeout. */
const LOCK_WAITS = new Set(["55P03", "57014"])
/** Connections that may wait for foreign locks at once; the lanes need theirs. */
const PROBES_MAX = 2

export class StuckLevels {
  /** Lane hints of what is stuck, and whether a request is finding out right now. */
  readonly #hints = new Map<number, "stuck" | "probed">()
  #probes = 0

  has(hint: number): boolean {
    return this.#hints.has(hint)
  }

  add(hint: number): void {
    this.#hints.set(hint, this.#hints.get(hint) ?? "stuck")
  }

  /** Runs a request for something stuck, if it is the one that may find out; else refuses it. */
  async probe<T>(hint: number, run: () => Promise<T>): Promise<T> {
    if (this.#hints.get(hint) === "probed" || this.#probes >= PROBES_MAX) throw stuck()
    this.#hints.set(hint, "probed")
    this.#probes += 1
    try {
      const result = await run()
      this.#hints.delete(hint)
      return result
    } catch (error) {
      if (waitedForLock(error)) this.#hints.set(hint, "stuck")
      else this.#hints.delete(hint)
      throw error
    } finally {
      this.#probes -= 1
    }
  }
}

export function waitedForLock(error: unknown): boolean {
  if (!(error instanceof EarmarkError) || faultKind(error.cause) !== "busy") return false
  return LOCK_WAITS.has(faultReason(error.cause))
}

export function stuck(): EarmarkError {
  return new EarmarkError(
    "unavailable",
    "Another database session keeps this stock locked; nothing was changed.",
    {
      notApplied: true,
    },
  )
}
