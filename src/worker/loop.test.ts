import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { startExpiryLoop } from "./expire.ts"
import { type LoopOptions, startLoop } from "./loop.ts"

/** A loop whose pauses end when the test says so, and a record of what it did. */
function watched(pass: () => Promise<boolean>, options: Partial<LoopOptions> = {}) {
  const pauses: number[] = []
  const failures: unknown[] = []
  let resume = () => {}
  const loop = startLoop({
    pass,
    intervalMs: 1000,
    onFailure: (error) => failures.push(error),
    random: () => 0,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        pauses.push(ms)
        resume = resolve
        signal.addEventListener("abort", () => resolve())
      }),
    ...options,
  })
  return { loop, pauses, failures, resume: () => resume() }
}

test("pauses after a pass that left nothing behind, and goes on at once after one that did", async () => {
  const left = [true, true, false, false]
  let passes = 0
  const { loop, pauses, resume } = watched(async () => left[passes++] ?? false)
  await turn()
  expect([passes, pauses]).toEqual([3, [1000]])
  resume()
  await turn()
  expect([passes, pauses]).toEqual([4, [1000, 1000]])
  await loop.stop()
})

test("no failure ends it: the pauses grow up to ten seconds and start anew after a success", async () => {
  let works = false
  const fault = new Error("the database is away")
  const { loop, pauses, failures, resume } = watched(async () => {
    if (works) return false
    throw fault
  })
  for (let round = 0; round < 8; round += 1) {
    await turn()
    resume()
  }
  await turn()
  works = true
  resume()
  await turn()
  works = false
  resume()
  await turn()
  expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 1000, 250])
  expect(failures).toEqual(Array(10).fill(fault))
  await loop.stop()
})

test("chance shortens a pause after a failure by up to a half", async () => {
  const pass = async () => {
    throw new Error("away")
  }
  const { loop, pauses } = watched(pass, { random: () => 0.5 })
  await turn()
  expect(pauses).toEqual([188])
  await loop.stop()
})

test("stopping waits for the pass in flight, and none follows", async () => {
  let passes = 0
  let finish = (_moreIsLeft: boolean) => {}
  const { loop } = watched(() => {
    passes += 1
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  let stopped = false
  const stop = loop.stop().then(() => {
    stopped = true
  })
  await turn()
  expect(stopped).toBe(false)
  finish(true)
  await stop
  await loop.stop()
  expect(passes).toBe(1)
})

test("stopping cuts a pause short", async () => {
  const loop = startLoop({ pass: async () => false, intervalMs: 3_600_000, onFailure: () => {} })
  await turn()
  await loop.stop()
})

test("the expiry loop goes on at once only while passes end much of what they may", async () => {
  const swept: (number | undefined)[] = []
  // A rival was quicker with most of what the second pass found; the third found next to nothing.
  const ended = [10_000, 1000, 999]
  const engine = {
    async sweep(limit?: number) {
      swept.push(limit)
      return ended[swept.length - 1] ?? 0
    },
  }
  const loop = startExpiryLoop(engine, { intervalMs: 3_600_000, onFailure: () => {} })
  await turn()
  await turn()
  await turn()
  expect(swept).toEqual([10_000, 10_000, 10_000])
  await loop.stop()
})
