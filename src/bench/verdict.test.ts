import { expect, test } from "vitest"
import type { BenchReport, ContenderRole, ExpectationResult } from "./result.ts"
import { failuresOf } from "./verdict.ts"

type Units = readonly [oversold: number, leaked: number]

function failures(role: ContenderRole, points: readonly Units[], expectations: ExpectationResult[] = []) {
  const report = {
    scenarios: [
      {
        name: "hot",
        contenders: [
          { name: "it", role, points: points.map(([oversold, leaked]) => ({ oversold, leaked })) },
        ],
      },
    ],
    expectations,
  }
  return failuresOf(report as unknown as BenchReport)
}

const COUNTED_WRONG = ["hot: it oversold 2 and leaked 0 units"]

test.each<[ContenderRole, readonly Units[], string[]]>([
  ["strategy", [[0, 0]], []],
  [
    "strategy",
    [
      [0, 0],
      [2, 0],
    ],
    COUNTED_WRONG,
  ],
  ["strategy", [[0, 3]], ["hot: it oversold 0 and leaked 3 units"]],
  ["limit", [[0, 0]], []],
  ["limit", [[2, 0]], COUNTED_WRONG],
  ["broken", [[5, 7]], []],
  [
    "broken",
    [
      [0, 0],
      [5, 0],
    ],
    [],
  ],
  ["broken", [[0, 7]], ["hot: it oversold nothing, so what is counted here proves nothing"]],
])("a %s with %j", (role, points, sentences) => {
  expect(failures(role, points)).toEqual(sentences)
})

test("an expectation that is missed fails the run", () => {
  const expectation = { text: "a/b>=2", scenario: "hot", value: 1.98765, holds: false }
  expect(failures("strategy", [[0, 0]], [expectation])).toEqual(["expected a/b>=2, but it is 1.988"])
  expect(failures("strategy", [[0, 0]], [{ ...expectation, holds: true }])).toEqual([])
})
