import { expect, test } from "vitest"
import { spreadOf } from "./spread.ts"

test.each([
  [[3], { median: 3, min: 3, max: 3 }],
  [[9, 1, 5], { median: 5, min: 1, max: 9 }],
  [[10, 2, 1, 4], { median: 3, min: 1, max: 10 }],
  // As text, 10 would come before 9.
  [[9, 10, 11], { median: 10, min: 9, max: 11 }],
])("of %j", (values, spread) => {
  expect(spreadOf(values)).toEqual(spread)
})

test("the values stay in their order", () => {
  const values = [3, 1, 2]
  spreadOf(values)
  expect(values).toEqual([3, 1, 2])
})
