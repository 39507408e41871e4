/** How a sale went over time, in a bounded number of steps: when they are used up, two become one. */
import type { SaleSeriesView } from "../engine/theatre.ts"

/** What a plot can show; sent whole with every snapshot. Even, so that two of them can always become one. */
const STEPS_MAX = 200
/** A fast sale of a few hundred buyers takes a tenth of a second; 200 steps of it are one, and doubled five times a half minute. */
const FIRST_STEP_MS = 5

export type Answer = "reserved" | "refused" | "failed"

interface Step {
  readonly reserved: number
  readonly refused: number
  readonly failed: number
  readonly maxMs: number
}

const NOTHING: Step = { reserved: 0, refused: 0, failed: 0, maxMs: 0 }

export class SaleSeries {
  #stepMs = FIRST_STEP_MS
  #steps: Step[] = []

  /** @param atMs since the begin of the sale */
  record(answer: Answer, atMs: number, latencyMs: number): void {
    while (atMs >= STEPS_MAX * this.#stepMs) this.#widen()
    const index = Math.max(0, Math.floor(atMs / this.#stepMs))
    while (this.#steps.length <= index) this.#steps.push(NOTHING)
    const step = this.#steps[index] ?? NOTHING
    this.#steps[index] = {
      ...step,
      [answer]: step[answer] + 1,
      maxMs: Math.max(step.maxMs, latencyMs),
    }
  }

  view(): SaleSeriesView {
    const column = (name: keyof Step) => this.#steps.map((step) => step[name])
    return {
      stepMs: this.#stepMs,
      reserved: column("reserved"),
      refused: column("refused"),
      failed: column("failed"),
      maxMs: column("maxMs"),
    }
  }

  #widen(): void {
    this.#stepMs *= 2
    this.#steps = this.#steps.flatMap((step, index, all) =>
      index % 2 === 0 ? [together(step, all[index + 1] ?? NOTHING)] : [],
    )
  }
}

function together(a: Step, b: Step): Step {
  return {
    reserved: a.reserved + b.reserved,
    refused: a.refused + b.refused,
    failed: a.failed + b.failed,
    maxMs: Math.max(a.maxMs, b.maxMs),
  }
}
