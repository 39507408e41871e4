import { setTimeout as pause } from "node:timers/promises"
import { expect, test } from "vitest"
import { runClosedLoop } from "./closed-loop.ts"
import { runOpenLoop } from "./open-loop.ts"

test("closed: each caller has one request at a time, until the time is over", async () => {
  const asking = new Set<number>()
  let asks = 0
  const timed = await runClosedLoop({
    callers: 3,
    seconds: 0.1,
    async ask(caller) {
      expect(asking.has(caller)).toBe(false)
      asking.add(caller)
      asks += 1
      await pause(5)
      asking.delete(caller)
    },
  })
  expect(asks).toBeGreaterThan(3)
  expect([timed.answers, timed.latencies.totalCount]).toEqual([asks, asks])
  expect(timed.seconds).toBeGreaterThanOrEqual(0.1)
  expect(timed.latencies.getValueAtPercentile(0)).toBeGreaterThan(3000)
})

test("closed: no more are asked than there are callers in all", async () => {
  const timed = await runClosedLoop({ callers: 8, seconds: 10, asksMax: 20, ask: () => pause(1) })
  expect(timed.answers).toBe(20)
  expect(timed.seconds).toBeLessThan(5)
})

test("closed: a failure ends it once nobody is waiting any more", async () => {
  let waiting = 0
  const loop = runClosedLoop({
    callers: 4,
    seconds: 10,
    async ask(caller) {
      if (caller === 0) throw new Error("refused")
      waiting += 1
      await pause(20)
      waiting -= 1
    },
  })
  await expect(loop).rejects.toThrow("refused")
  expect(waiting).toBe(0)
})

test("open: requests are sent by the clock, whether or not others are answered", async () => {
  let unanswered = 0
  let most = 0
  const timed = await runOpenLoop({
    perSecond: 200,
    isOver: (seconds) => seconds >= 0.25,
    async ask() {
      unanswered += 1
      most = Math.max(most, unanswered)
      await pause(100)
      unanswered -= 1
    },
  })
  // 51 are due in a quarter of a second; the last tick may come before or after the last of them.
  expect(timed.answers).toBeGreaterThanOrEqual(45)
  expect(timed.answers).toBeLessThanOrEqual(51)
  expect(most).toBeGreaterThan(10)
  expect([unanswered, timed.latencies.totalCount]).toEqual([0, timed.answers])
})

test("open: a latency counts from when the request was due, also if it could not be sent then", async () => {
  const timed = await runOpenLoop({
    perSecond: 100,
    isOver: (seconds) => seconds >= 0.2,
    async ask(index) {
      if (index > 0) return
      // Nothing can be sent meanwhile: those that are due wait.
      const endMs = performance.now() + 100
      while (performance.now() < endMs);
    },
  })
  // Ten were due while it stood still, each waiting ten milliseconds less than the one before.
  expect(timed.latencies.getValueAtPercentile(100)).toBeGreaterThan(95_000)
  expect(timed.latencies.getValueAtPercentile(80)).toBeGreaterThan(40_000)
})

test("open: a failure ends it", async () => {
  const loop = runOpenLoop({
    perSecond: 100,
    isOver: () => false,
    ask: async () => {
      throw new Error("refused")
    },
  })
  await expect(loop).rejects.toThrow("refused")
})
