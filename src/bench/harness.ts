/** Runs the steps of a plan: opens the contenders of a scenario, measures them in turns, closes them. */
import { type Extent, type ScenarioPlan, type Step, stepsOf } from "./plan.ts"
import type { ScenarioResult } from "./result.ts"
import type { AppliedLoad, Contender, Load, Subject, Surroundings } from "./scenario.ts"
import type { MeasuredServer } from "./server.ts"
import { Tally } from "./tally.ts"
import { TimeLeft } from "./time-left.ts"

export interface Progress {
  readonly done: number
  readonly all: number
  /** What is being done. */
  readonly text: string
  readonly secondsLeft: number
}

export interface HarnessOptions {
  readonly extent: Extent
  readonly poolSize: number
  readonly server: MeasuredServer
  readonly stopping: AbortSignal
  readonly progress: (progress: Progress) => void
  /** Told after each scenario of all that have been measured by then. */
  readonly measured: (results: readonly ScenarioResult[]) => Promise<void>
  /** What to type to repeat one scenario. */
  readonly commandFor: (scenario: string) => string
}

export async function measureScenarios(
  plans: readonly ScenarioPlan[],
  options: HarnessOptions,
): Promise<ScenarioResult[]> {
  const stepsOfEach = plans.map((plan) => stepsOf(plan, options.extent))
  const timeLeft = new TimeLeft(stepsOfEach.flat())
  const results: ScenarioResult[] = []
  for (const [index, plan] of plans.entries()) {
    const run = new ScenarioRun(plan, options, timeLeft)
    try {
      for (const step of stepsOfEach[index] ?? []) await run.take(step)
      results.push(run.result())
      await options.measured(results)
    } finally {
      await run.close()
    }
  }
  return results
}

interface Entrant {
  readonly subject: Subject
  readonly tallies: Map<Load, { readonly tally: Tally; readonly applied: AppliedLoad }>
}

class ScenarioRun {
  readonly #plan: ScenarioPlan
  readonly #options: HarnessOptions
  readonly #timeLeft: TimeLeft
  readonly #entrants = new Map<Contender, Entrant>()
  #stepStartedMs = performance.now()
  #stepText = ""

  constructor(plan: ScenarioPlan, options: HarnessOptions, timeLeft: TimeLeft) {
    this.#plan = plan
    this.#options = options
    this.#timeLeft = timeLeft
  }

  async take(step: Step): Promise<void> {
    this.#options.stopping.throwIfAborted()
    this.#stepStartedMs = performance.now()
    this.#stepText = step.text
    this.#say(step.text)
    if (step.kind === "open") await this.#open(step)
    else await this.#measure(step)
    this.#timeLeft.finish(this.#stepSeconds())
  }

  result(): ScenarioResult {
    const { name, title, question, counted, axis } = this.#plan.scenario
    const contenders = [...this.#entrants].map(([contender, { tallies }]) => ({
      name: contender.name,
      role: contender.role,
      points: [...tallies.values()].map(({ tally, applied }) => tally.result(applied)),
    }))
    return { name, title, question, counted, axis, command: this.#options.commandFor(name), contenders }
  }

  /** Closes what was opened, also when some of it fails to close. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(
      [...this.#entrants.values()].map(({ subject }) => subject.close()),
    )
    const failure = closed.find((result) => result.status === "rejected")
    if (failure) throw failure.reason
  }

  async #open({ contender }: Step): Promise<void> {
    const { server, poolSize, stopping, extent } = this.#options
    const say = (what: string) => this.#say(`${this.#stepText}: ${what}`)
    const surroundings: Surroundings = { server, poolSize, stopping, size: extent.size, say }
    this.#entrants.set(contender, { subject: await contender.open(surroundings), tallies: new Map() })
  }

  async #measure({ kind, contender, load, seconds }: Exclude<Step, { kind: "open" }>): Promise<void> {
    const entrant = this.#entrants.get(contender)
    if (!entrant) throw new Error(`${contender.name} is not open`)
    const applied =
      load.loop === "closed" ? load : { ...load, perSecond: rateOf(entrant, load.shareOfHighest) }
    const { tally } = entrant.tallies.get(load) ?? { tally: new Tally() }
    entrant.tallies.set(load, { tally, applied })
    await this.#options.server.checkpoint()
    const { profile } = this.#options.server
    await profile?.begin()
    const measurement = await entrant.subject.measure(applied, seconds)
    const seen = await profile?.take()
    if (kind === "measure")
      tally.add(measurement, seen && contender.isElsewhere ? { ...seen, nodeMicroseconds: null } : seen)
    else tally.countUnits(measurement)
  }

  #say(text: string): void {
    const { done, all } = this.#timeLeft
    this.#options.progress({ done, all, text, secondsLeft: this.#timeLeft.seconds(this.#stepSeconds()) })
  }

  #stepSeconds(): number {
    return (performance.now() - this.#stepStartedMs) / 1000
  }
}

function rateOf({ tallies }: Entrant, shareOfHighest: number): number {
  const rates = [...tallies.values()].filter(({ applied }) => applied.loop === "closed")
  return shareOfHighest * Math.max(...rates.map(({ tally }) => tally.medianRate))
}
