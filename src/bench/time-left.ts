/** How long the rest of a plan takes: by what was planned, and better once a step of the same kind has been seen. */

export interface TimedStep {
  /** Steps with the same key take the same time. */
  readonly key: string
  readonly plannedSeconds: number
}

export class TimeLeft {
  readonly #steps: readonly TimedStep[]
  readonly #seen = new Map<string, number>()
  #done = 0

  constructor(steps: readonly TimedStep[]) {
    this.#steps = steps
  }

  get done(): number {
    return this.#done
  }

  get all(): number {
    return this.#steps.length
  }

  /** The next step has taken so long. */
  finish(seconds: number): void {
    const step = this.#steps[this.#done]
    if (!step) throw new Error("more steps than were planned")
    this.#seen.set(step.key, seconds)
    this.#done += 1
  }

  /** @param inStepSeconds how long the step that is under way has taken by now */
  seconds(inStepSeconds: number): number {
    const [current, ...later] = this.#steps.slice(this.#done).map((step) => this.#expected(step))
    const rest = later.reduce((sum, seconds) => sum + seconds, 0)
    return rest + Math.max(0, (current ?? 0) - inStepSeconds)
  }

  #expected({ key, plannedSeconds }: TimedStep): number {
    return this.#seen.get(key) ?? plannedSeconds
  }
}
