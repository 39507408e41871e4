import fc from "fast-check"
import { expect, test } from "vitest"
import { ATTEMPTS_MAX, pauseBeforeNextMs } from "./retry-schedule.ts"

const HOUR_MS = 3_600_000
const random = fc.double({ min: 0, max: 1, noNaN: true })
const attempts = fc.integer({ min: 1, max: ATTEMPTS_MAX - 1 })
/** Anything that a record may hold. */
const retryAfterSeconds = fc.option(fc.integer({ min: 0, max: 2 ** 31 }))

/** All pauses of a delivery that is never accepted. */
function pauses(of: { retryAfterSeconds: number | null; randoms: readonly number[] }): number[] {
  return Array.from({ length: ATTEMPTS_MAX - 1 }, (_, index) => {
    const failed = { attempts: index + 1, retryAfterSeconds: of.retryAfterSeconds }
    return pauseBeforeNextMs(failed, of.randoms[index] ?? 0.5) ?? Number.NaN
  })
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
const randoms = fc.array(random, { minLength: ATTEMPTS_MAX, maxLength: ATTEMPTS_MAX })

test("the pauses as they are meant, in seconds", () => {
  const seconds = pauses({ retryAfterSeconds: null, randoms: [] }).map((ms) => ms / 1000)
  expect(seconds).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 25_200, 32_400])
  expect(sum(seconds) / 3600).toBeCloseTo(23.7, 1)
})

test("whatever chance says, each pause is longer than the one before, and all take about a day", () => {
  fc.assert(
    fc.property(randoms, (numbers) => {
      const all = pauses({ retryAfterSeconds: null, randoms: numbers })
      for (const [index, pause] of all.entries()) expect(pause).toBeGreaterThan(all[index - 1] ?? 0)
      expect(sum(all)).toBeGreaterThan(21 * HOUR_MS)
      expect(sum(all)).toBeLessThan(27 * HOUR_MS)
    }),
  )
})

test("never sooner than asked for, within an hour, nor than without being asked", () => {
  fc.assert(
    fc.property(attempts, retryAfterSeconds, random, (count, asked, chance) => {
      const pause = pauseBeforeNextMs({ attempts: count, retryAfterSeconds: asked }, chance) ?? 0
      const unasked = pauseBeforeNextMs({ attempts: count, retryAfterSeconds: null }, chance) ?? 0
      expect(pause).toBeGreaterThanOrEqual(Math.min(asked ?? 0, 3600) * 1000)
      expect(pause).toBeGreaterThanOrEqual(unasked)
      expect(pause).toBeLessThanOrEqual(Math.max(unasked, 1.1 * HOUR_MS))
    }),
  )
})

test("an endpoint that asks for more each time stretches the day by some hours, not to weeks", () => {
  fc.assert(
    fc.property(randoms, (numbers) => {
      const all = pauses({ retryAfterSeconds: 2 ** 31, randoms: numbers })
      expect(sum(all)).toBeLessThan(33 * HOUR_MS)
    }),
  )
})

test("those who failed together come back apart", () => {
  const at = (chance: number, asked: number | null) =>
    pauseBeforeNextMs({ attempts: 1, retryAfterSeconds: asked }, chance)
  expect([at(0, null), at(0.5, null), at(1, null)]).toEqual([4500, 5000, 5500])
  expect([at(0, 60), at(0.5, 60), at(1, 60)]).toEqual([60_000, 63_000, 66_000])
})

test("the last failure is the last", () => {
  expect(ATTEMPTS_MAX).toBe(11)
  fc.assert(
    fc.property(
      fc.integer({ min: ATTEMPTS_MAX, max: 1000 }),
      retryAfterSeconds,
      random,
      (count, asked, chance) => {
        expect(pauseBeforeNextMs({ attempts: count, retryAfterSeconds: asked }, chance)).toBeNull()
      },
    ),
  )
})
