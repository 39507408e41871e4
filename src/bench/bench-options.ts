/** What a run can be asked for, and what to type to ask for it again. */
import { EXPECT_EXAMPLES, type Expectation, type Side } from "./expect.ts"
import type { Extent, ScenarioPlan } from "./plan.ts"
import type { SizeName } from "./result.ts"
import { SCENARIO_NAMES, type ScenarioName } from "./scenario-names.ts"

export interface BenchOptions extends Extent {
  readonly scenarios: readonly ScenarioName[]
  /** Null: all. */
  readonly contenders: readonly string[] | null
  /** Connections of each contender. */
  readonly poolSize: number
  readonly expectations: readonly Expectation[]
  /** Whether Postgres' statements are timed as well. */
  readonly profile: boolean
}

const EXTENTS: Readonly<Record<SizeName, Omit<Extent, "size">>> = {
  small: { rounds: 1, seconds: 0.2 },
  quick: { rounds: 3, seconds: 1 },
  full: { rounds: 5, seconds: 3 },
}
/** What runs when nothing is named. Quick is a first impression; full leaves out the hour that is no race. */
const USUAL_SCENARIOS: Readonly<Record<SizeName, readonly ScenarioName[]>> = {
  small: SCENARIO_NAMES,
  quick: ["hot", "storm"],
  full: SCENARIO_NAMES.filter((name) => !["redis", "events", "soak"].includes(name)),
}
const POOL_SIZE = 4

type Given = { readonly [Name in keyof BenchOptions]?: BenchOptions[Name] | undefined }

/** Fills in what was not given. */
export function completeOptions(given: Given): BenchOptions {
  const {
    size = "quick",
    contenders = null,
    expectations = [],
    poolSize = POOL_SIZE,
    profile = false,
  } = given
  const { rounds, seconds } = EXTENTS[size]
  return {
    size,
    contenders,
    expectations,
    poolSize,
    profile,
    scenarios: given.scenarios ?? USUAL_SCENARIOS[size],
    rounds: given.rounds ?? rounds,
    seconds: given.seconds ?? seconds,
  }
}

/** @param program what runs it: `earmark bench` */
export function commandLineOf(program: string, options: BenchOptions): string {
  const usual = completeOptions({ size: options.size })
  const { scenarios, contenders, expectations } = options
  const flags = [
    ...(options.size === "quick" ? [] : ["--size", options.size]),
    ...(options.rounds === usual.rounds ? [] : ["--rounds", options.rounds]),
    ...(options.seconds === usual.seconds ? [] : ["--seconds", options.seconds]),
    ...(contenders === null ? [] : ["--contenders", contenders.join(",")]),
    ...(options.poolSize === usual.poolSize ? [] : ["--pool-size", options.poolSize]),
    ...(options.profile ? ["--profile"] : []),
    ...expectations.flatMap(({ text }) => ["--expect", `'${text}'`]),
  ]
  const named = scenarios.join() === usual.scenarios.join() ? [] : scenarios
  return [program, ...named, ...flags].join(" ")
}

/** A sentence for each thing that the plan cannot do. */
export function problemsOf(plans: readonly ScenarioPlan[], options: BenchOptions): string[] {
  const sides = plans.flatMap(({ scenario, contenders }) =>
    contenders.map(({ name }) => ({ scenario: scenario.name, contender: name })),
  )
  const known = [...new Set(sides.map(({ contender }) => contender))]
  const strangers = (options.contenders ?? []).filter((name) => !known.includes(name))
  const isThere = (side: Side) =>
    sides.some(({ scenario, contender }) => scenario === side.scenario && contender === side.contender)
  const missing = options.expectations.flatMap(({ text, left, right }) =>
    [left, right].filter((side) => !isThere(side)).map((side) => ({ text, ...side })),
  )
  return [
    ...strangers.map((name) => `no contender of these scenarios is called ${name}`),
    ...missing.map(
      ({ text, scenario, contender }) =>
        `--expect '${text}': this run has no ${scenario}:${contender}; write for example ${EXPECT_EXAMPLES}`,
    ),
  ]
}
