import { expect, test } from "vitest"
import { TimeLeft } from "./time-left.ts"

const step = (key: string, plannedSeconds: number) => ({ key, plannedSeconds })

test("what was planned counts until something of its kind was seen, and then that", () => {
  const left = new TimeLeft([step("open", 5), step("a", 1), step("b", 1), step("a", 1), step("b", 1)])
  expect([left.done, left.all, left.seconds(0)]).toEqual([0, 5, 9])
  left.finish(20)
  expect(left.seconds(0)).toBe(4)
  left.finish(3)
  expect(left.seconds(0)).toBe(1 + 3 + 1)
  left.finish(0.5)
  expect([left.done, left.seconds(0)]).toEqual([3, 3 + 0.5])
})

test("a step under way uses up its own time, and never that of others", () => {
  const left = new TimeLeft([step("a", 2), step("b", 4)])
  expect([left.seconds(1), left.seconds(2), left.seconds(100)]).toEqual([5, 4, 4])
})

test("at the end nothing is left, and more than was planned is a mistake", () => {
  const left = new TimeLeft([step("a", 2)])
  left.finish(1)
  expect(left.seconds(0)).toBe(0)
  expect(() => left.finish(1)).toThrow("more steps than were planned")
})
