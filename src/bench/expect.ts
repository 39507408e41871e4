/** What `--expect` may say: a ratio of two rates of this run, and what it must be. Never a time: machines differ. */
import type { ExpectationResult, ScenarioResult } from "./result.ts"

export interface Expectation {
  /** As given. */
  readonly text: string
  readonly left: Side
  readonly right: Side
  readonly comparison: ">=" | "<="
  readonly bound: number
}

export interface Side {
  readonly scenario: string
  readonly contender: string
}

const SCENARIO_DEFAULT = "hot"
const NAME = "[a-z0-9-]+"
const SIDE = `(?:(${NAME}):)?(${NAME})`
const EXPECTATION = new RegExp(`^${SIDE}/${SIDE}(>=|<=)(\\d+(?:\\.\\d+)?)$`)

export const EXPECT_EXAMPLES =
  "'batched/atomic-update>=10', 'life:batched/batched-reserve-only>=0.45' or 'wide-zipf:batched/hot:batched>=0.8'"

/** Null: it cannot be read. A second side without a scenario is of the first one's. */
export function parseExpectation(given: string): Expectation | null {
  const match = EXPECTATION.exec(given.replaceAll(" ", ""))
  if (!match) return null
  const [
    ,
    leftScenario = SCENARIO_DEFAULT,
    left = "",
    rightScenario = leftScenario,
    right = "",
    comparison,
    bound,
  ] = match
  return {
    text: given,
    left: { scenario: leftScenario, contender: left },
    right: { scenario: rightScenario, contender: right },
    comparison: comparison === "<=" ? "<=" : ">=",
    bound: Number(bound),
  }
}

export function evaluateExpectation(
  expectation: Expectation,
  scenarios: readonly ScenarioResult[],
): ExpectationResult {
  const { text, left, right, comparison, bound } = expectation
  const value = highestRate(left, scenarios) / highestRate(right, scenarios)
  const holds = comparison === ">=" ? value >= bound : value <= bound
  return { text, scenario: left.scenario, value, holds }
}

/** The median rate of a closed loop, where along the axis it is highest; not a number where there is none. */
function highestRate({ scenario, contender }: Side, scenarios: readonly ScenarioResult[]): number {
  const found = scenarios
    .find(({ name }) => name === scenario)
    ?.contenders.find(({ name }) => name === contender)
  const closed = found?.points.filter(({ loop }) => loop === "closed") ?? []
  return closed.length === 0 ? Number.NaN : Math.max(...closed.map(({ rate }) => rate.median))
}
