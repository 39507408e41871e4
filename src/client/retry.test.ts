import fc from "fast-check"
import { expect, test } from "vitest"
import { mayTryAgain, pauseMs } from "./retry.ts"
import type { Trouble } from "./trouble.ts"

const answered = (status: number, notApplied: boolean) =>
  ({ kind: "problem", status, notApplied, retryAfterMs: null }) as Trouble
const noAnswer = { kind: "unanswered", status: null, notApplied: false, retryAfterMs: null } as Trouble

test.each([
  [answered(400, true), false, false],
  [answered(409, true), false, false],
  [answered(410, true), false, false],
  [answered(429, true), true, true],
  [answered(500, false), true, false],
  [answered(501, false), false, false],
  [answered(502, false), true, false],
  [answered(503, true), true, true],
  [answered(503, false), true, false],
  [answered(504, false), true, false],
  [noAnswer, true, false],
])("%j: again %s, again where it acts each time %s", (trouble, harmless, acting) => {
  expect(mayTryAgain({ repeating: "changes-nothing" }, trouble)).toBe(harmless)
  expect(mayTryAgain({ repeating: "acts-again" }, trouble)).toBe(acting)
})

test("a pause is what is asked for, and anything up to a bound that doubles until it is at its own", () => {
  const settings = { backoffMs: 100, backoffMsMax: 3000 }
  const draws = fc.tuple(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.integer({ min: 1, max: 2000 }),
    fc.option(fc.integer({ min: 0, max: 60_000 })),
  )
  fc.assert(
    fc.property(draws, ([chance, failures, retryAfterMs]) => {
      const ms = pauseMs({ ...settings, random: () => chance }, failures, { retryAfterMs })
      const most = Math.min(3000, 100 * 2 ** (failures - 1))
      expect(ms).toBe((retryAfterMs ?? 0) + Math.round(chance * most))
    }),
  )
})
