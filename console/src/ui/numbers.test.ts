import { expect, test } from "vitest"
import { duration } from "./numbers.ts"

test.each([
  [0, "0 ms"],
  [0.25, "0.25 ms"],
  [0.75, "0.75 ms"],
  [4.23, "4.2 ms"],
  [9.99, "10 ms"],
  [850.4, "850 ms"],
  [4_200, "4.2 s"],
  [180_000, "3 min"],
])("%d ms are %s", (ms, said) => {
  expect(duration(ms)).toBe(said)
})
