import { expect, test } from "vitest"
import { commandLineOf, completeOptions, problemsOf } from "./bench-options.ts"
import { parseExpectation } from "./expect.ts"
import type { ScenarioPlan } from "./plan.ts"
import { SCENARIO_NAMES } from "./scenario-names.ts"

const expectations = [parseExpectation("batched/limit>=0.7") ?? expect.fail("it cannot be read")]

test("the size says how much, and what is given goes over it", () => {
  expect(completeOptions({})).toMatchObject({ size: "quick", scenarios: ["hot", "storm"], rounds: 3 })
  const races = SCENARIO_NAMES.filter((name) => !["redis", "events", "soak"].includes(name))
  expect(completeOptions({ size: "full" })).toMatchObject({ scenarios: races, rounds: 5 })
  expect(completeOptions({ size: "small" })).toMatchObject({ scenarios: SCENARIO_NAMES, rounds: 1 })
  expect(completeOptions({ size: "small", rounds: 7, seconds: undefined, scenarios: ["life"] })).toEqual({
    size: "small",
    rounds: 7,
    seconds: 0.2,
    scenarios: ["life"],
    contenders: null,
    expectations: [],
    poolSize: 4,
    profile: false,
  })
})

test("the command line says what is not usual, and nothing else", () => {
  expect(commandLineOf("earmark bench", completeOptions({}))).toBe("earmark bench")
  expect(commandLineOf("earmark bench", completeOptions({ size: "full" }))).toBe("earmark bench --size full")
  const options = completeOptions({
    scenarios: ["life", "growth"],
    size: "small",
    rounds: 2,
    seconds: 0.5,
    contenders: ["batched", "limit"],
    poolSize: 8,
    profile: true,
    expectations,
  })
  expect(commandLineOf("npm run bench --", options)).toBe(
    "npm run bench -- life growth --size small --rounds 2 --seconds 0.5 --contenders batched,limit --pool-size 8 " +
      "--profile --expect 'batched/limit>=0.7'",
  )
})

test("what nobody measures cannot be asked for or expected", () => {
  const plan = (contenders: string[]) =>
    [
      { scenario: { name: "hot" }, contenders: contenders.map((name) => ({ name })) },
    ] as unknown as ScenarioPlan[]
  const options = completeOptions({ contenders: ["batched", "limt"], expectations })
  expect(problemsOf(plan(["batched", "limit"]), completeOptions({ expectations }))).toEqual([])
  expect(problemsOf(plan(["batched"]), options)).toEqual([
    "no contender of these scenarios is called limt",
    expect.stringMatching(/^--expect 'batched\/limit>=0.7': this run has no hot:limit; write for example /),
  ])
})
