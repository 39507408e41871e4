import { expect, test } from "vitest"
import { createMetrics } from "./metrics.ts"

test("the sinks are looked at once for each scrape, webhooks together; one that is gone is told of no more", async () => {
  const metrics = createMetrics()
  let looks = 0
  let samples = [
    { name: "kafka", lagSeconds: 1, isFailing: false, deadEvents: 0 },
    { name: "webhook:a", lagSeconds: 2, isFailing: true, deadEvents: 3 },
    { name: "webhook:b", lagSeconds: 5, isFailing: true, deadEvents: 4 },
  ]
  metrics.setSinks(async () => {
    looks += 1
    return samples
  })
  metrics.relayed("webhook:a", 10, 2)
  const text = await metrics.register.metrics()
  for (const line of [
    'earmark_sink_lag_seconds{sink="kafka"} 1',
    'earmark_sink_lag_seconds{sink="webhook"} 5',
    'earmark_sink_failing{sink="webhook"} 2',
    'earmark_sink_dead_events{sink="webhook"} 7',
    'earmark_sink_events_total{sink="webhook",outcome="delivered"} 10',
    'earmark_sink_events_total{sink="webhook",outcome="refused"} 2',
  ]) {
    expect(text).toContain(line)
  }
  expect(looks).toBe(1)
  samples = []
  expect(await metrics.register.metrics()).not.toContain("earmark_sink_lag_seconds{")
  metrics.setSinks(() => Promise.reject(new Error("the database is away")))
  expect(await metrics.register.metrics()).toContain("earmark_sink_events_total")
})
