/** What is measured, in which order: planned before anything starts, so that the time left is known all along. */
import type { SizeName } from "./result.ts"
import type { Contender, Load, Scenario } from "./scenario.ts"
import type { TimedStep } from "./time-left.ts"

export interface Extent {
  readonly size: SizeName
  readonly rounds: number
  /** Of one round. */
  readonly seconds: number
}

export interface ScenarioPlan {
  readonly scenario: Scenario
  readonly contenders: readonly Contender[]
  readonly loads: readonly Load[]
}

/** @param names of contenders; null: all. Scenarios that have none of them are left out. */
export function planScenarios(
  scenarios: readonly Scenario[],
  size: SizeName,
  names: readonly string[] | null,
): ScenarioPlan[] {
  const planned = scenarios.map((scenario) => ({
    scenario,
    contenders: scenario.contenders.filter(({ name }) => names === null || names.includes(name)),
    loads: scenario.loads(size),
  }))
  return planned.filter(({ contenders }) => contenders.length > 0)
}

/** One thing that is done as a whole. */
export type Step = TimedStep & { readonly text: string; readonly contender: Contender } & (
    | { readonly kind: "open" }
    | { readonly kind: "warm-up" | "measure"; readonly load: Load; readonly seconds: number }
  )

const OPEN_SECONDS = 1
const WARM_UP_SHARE = 1 / 3
const WARM_UP_SECONDS_MAX = 1
/** Making the stock, the checkpoint before, the callers that are still waiting at the end, the count. */
const ROUND_EXTRA_SECONDS = 0.5

/**
 * Contenders are opened and warmed up, and then take turns under each load, A B A B, so that whatever else the machine
 * does meets all of them.
 */
export function stepsOf(plan: ScenarioPlan, { size, rounds, seconds }: Extent): Step[] {
  const { scenario, contenders } = plan
  const warmUpSeconds = Math.min(seconds * WARM_UP_SHARE, WARM_UP_SECONDS_MAX)
  const warmUp = (turn: Turn) => stepOf("warm-up", turn, { seconds: warmUpSeconds, text: "warming up" })
  const inRounds = (turns: readonly Turn[]) =>
    Array.from({ length: rounds }, (_, index) =>
      turns.map((turn) => stepOf("measure", turn, { seconds, text: `round ${index + 1} of ${rounds}` })),
    ).flat()
  const closed = turnsOf(plan, "closed")
  return [
    ...contenders.map((contender) => openingOf(scenario, contender, size)),
    ...closed.map(warmUp),
    ...inRounds(closed),
    ...inRounds(turnsOf(plan, "open")),
  ]
}

interface Turn {
  readonly scenario: Scenario
  readonly contender: Contender
  readonly load: Load
}

function turnsOf({ scenario, contenders, loads }: ScenarioPlan, loop: Load["loop"]): Turn[] {
  return loads
    .filter((load) => load.loop === loop)
    .flatMap((load) => contenders.map((contender) => ({ scenario, contender, load })))
    .filter(({ contender, load }) => contender.takes?.(load) ?? true)
}

function openingOf({ name }: Scenario, contender: Contender, size: SizeName): Step {
  const text = `${name}: opening ${contender.name}`
  return {
    kind: "open",
    contender,
    text,
    key: text,
    plannedSeconds: contender.openSeconds?.[size] ?? OPEN_SECONDS,
  }
}

function stepOf(
  kind: "warm-up" | "measure",
  { scenario, contender, load }: Turn,
  { seconds, text }: { readonly seconds: number; readonly text: string },
): Step {
  const what = `${scenario.name}: ${contender.name}, ${load.label}`
  return {
    kind,
    contender,
    load,
    seconds,
    text: `${what}, ${text}`,
    key: `${kind} ${load.loop} ${what}`,
    plannedSeconds: (load.roundSeconds ?? seconds) + ROUND_EXTRA_SECONDS,
  }
}
