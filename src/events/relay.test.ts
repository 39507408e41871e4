import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { SinkStore } from "../engine/sink-store.ts"
import { Relay } from "./relay.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test("while a sink takes its time, its relay says that it is still there, and no longer", async () => {
  const claim = vi.fn(async () => "cursor")
  const sinks: Partial<SinkStore> = { claim, askedAgain: async () => [], move: async () => true }
  const slow = {
    name: "slow",
    deliver: async () => {
      await new Promise((resolve) => setTimeout(resolve, 60_000))
      return []
    },
    close: async () => {},
  }
  const told = { event: {} as never, cursor: () => "after" }
  const feed = {
    page: () => Promise.reject(new Error("no page of so many events")),
    next: async () => ({ events: [told], nextCursor: "after", isAll: true, asOf: new Date() }),
    now: async () => "after",
    lagSeconds: async () => 0,
  }
  const passing = new Relay({ feed, sinks: sinks as SinkStore, sink: slow }).pass()
  await vi.advanceTimersByTimeAsync(59_000)
  // At least three within the 15 s that a claim lasts.
  expect(claim.mock.calls.length).toBeGreaterThanOrEqual(12)
  await vi.advanceTimersByTimeAsync(2000)
  await passing
  const claims = claim.mock.calls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(claim.mock.calls.length).toBe(claims)
})
