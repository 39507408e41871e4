import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { keptReading } from "./kept-reading.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
afterEach(() => void vi.useRealTimers())

test("many who ask at once, and for a while after the answer, cost one reading", async () => {
  const reading = Promise.withResolvers<number>()
  const read = vi.fn(() => reading.promise)
  const ask = keptReading(1000, read)
  const [first, second] = [ask(), ask()]
  vi.advanceTimersByTime(5000)
  const third = ask()
  reading.resolve(7)
  expect(await Promise.all([first, second, third])).toEqual([7, 7, 7])
  vi.advanceTimersByTime(999)
  await ask()
  expect(read).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  await ask()
  expect(read).toHaveBeenCalledTimes(2)
})

test("a failure is told to those who were waiting, and not kept", async () => {
  const read = vi.fn().mockRejectedValueOnce(new Error("away")).mockResolvedValue(1)
  const ask = keptReading(1000, read)
  const both = await Promise.allSettled([ask(), ask()])
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  expect(await ask()).toBe(1)
  expect(read).toHaveBeenCalledTimes(2)
})
