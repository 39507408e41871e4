import { expect, test } from "vitest"
import { evaluateExpectation, parseExpectation } from "./expect.ts"
import type { PointResult, ScenarioResult } from "./result.ts"

test.each([
  ["batched/atomic-update>=10", ["hot:batched", "hot:atomic-update", ">=", 10]],
  [" batched / limit >= 0.7 ", ["hot:batched", "hot:limit", ">=", 0.7]],
  ["life:batched/batched-reserve-only>=0.45", ["life:batched", "life:batched-reserve-only", ">=", 0.45]],
  ["wide-zipf:batched/hot:batched<=1.5", ["wide-zipf:batched", "hot:batched", "<=", 1.5]],
])("%j is understood", (text, parts) => {
  const parsed = parseExpectation(text)
  const name = (side?: { scenario: string; contender: string }) => `${side?.scenario}:${side?.contender}`
  expect([name(parsed?.left), name(parsed?.right), parsed?.comparison, parsed?.bound]).toEqual(parts)
  expect(parsed?.text).toBe(text)
})

test.each([
  "",
  "batched",
  "batched>=10",
  "batched/atomic-update",
  "batched/atomic-update=10",
  "batched/atomic-update>10",
  "batched/atomic-update>=ten",
  "batched/atomic-update>=-1",
  "hot:batched.p99<=10",
  "batched.p99/batched.p50<=10",
  "a:b:c/d>=1",
])("%j is not", (text) => {
  expect(parseExpectation(text)).toBeNull()
})

function point(median: number, rest: Partial<PointResult> = {}): PointResult {
  const spread = { median, min: 0, max: median * 100 }
  const nothing = { offeredPerSecond: null, latencyMs: null, oversold: 0, leaked: 0, figures: {} }
  return { at: null, label: "", loop: "closed", rounds: 1, rate: spread, ...nothing, ...rest }
}

function scenario(name: string, contenders: Record<string, readonly PointResult[]>): ScenarioResult {
  const words = { title: "", question: "", counted: "", axis: null, command: "" }
  const results = Object.entries(contenders).map(([contender, points]) => ({
    name: contender,
    role: "strategy" as const,
    points,
  }))
  return { name, ...words, contenders: results }
}

const SCENARIOS = [
  scenario("hot", {
    batched: [point(100), point(300), point(200), point(900, { loop: "open" })],
    "row-lock": [point(30), point(20)],
  }),
  scenario("life", { batched: [point(150)] }),
]

test.each([
  ["batched/row-lock>=10", 10, true],
  ["batched/row-lock>=10.1", 10, false],
  ["batched/row-lock<=10", 10, true],
  ["batched/row-lock<=9.9", 10, false],
  ["life:batched/hot:batched>=0.45", 0.5, true],
])("%s compares the highest median rates of closed loops", (text, value, holds) => {
  const parsed = parseExpectation(text)
  if (!parsed) throw new Error("it cannot be read")
  expect(evaluateExpectation(parsed, SCENARIOS)).toEqual({
    text,
    scenario: parsed.left.scenario,
    value,
    holds,
  })
})

test("what was not measured holds in no direction", () => {
  for (const text of ["batched/nobody>=0", "batched/nobody<=1000", "nowhere:batched/row-lock>=0"]) {
    const parsed = parseExpectation(text)
    if (!parsed) throw new Error("it cannot be read")
    expect(evaluateExpectation(parsed, SCENARIOS).holds).toBe(false)
  }
})
