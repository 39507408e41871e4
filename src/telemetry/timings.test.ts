import { Counter, Histogram, Registry } from "prom-client"
import { expect, test } from "vitest"
import { createTimings } from "./timings.ts"

const BUCKETS = [0.001, 0.01, 0.1]
const COUNTER = { name: "calls_total", help: "Calls", labelNames: ["who", "what", "how"] as const }
const HISTOGRAM = { name: "call_seconds", help: "Time of a call", labelNames: ["who", "what"] as const }

test("Prometheus reads what it would from a counter and a histogram of prom-client", async () => {
  const ours = new Registry()
  const note = createTimings({
    register: ours,
    counter: { ...COUNTER, labelNames: ["who", "what", "how"] },
    histogram: HISTOGRAM,
    buckets: BUCKETS,
  })
  const theirs = new Registry()
  const counter = new Counter({ ...COUNTER, registers: [theirs] })
  const histogram = new Histogram({ ...HISTOGRAM, buckets: BUCKETS, registers: [theirs] })
  const calls: [string, string, string, number][] = [
    ["a", "x", "well", 0.0004],
    // A value on a bound is within it.
    ["a", "x", "well", 0.01],
    ["a", "x", "badly", 0.05],
    ["a", "x", 'with "quotes"', 7],
    ["b", "x", "well", 0.001],
  ]
  // Twice: reading takes nothing away.
  for (const _ of [1, 2]) {
    for (const [who, what, how, seconds] of calls) {
      note(who, what, how, seconds)
      counter.inc({ who, what, how })
      histogram.observe({ who, what }, seconds)
    }
    expect(await ours.metrics()).toBe(await theirs.metrics())
  }
  expect(await ours.metrics()).toContain('call_seconds_bucket{le="0.01",who="a",what="x"} 4')
})
