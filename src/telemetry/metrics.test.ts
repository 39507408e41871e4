import { register as globalRegister, Registry } from "prom-client"
import { expect, test } from "vitest"
import { createMetrics } from "./metrics.ts"

test("operations are counted by operation, strategy and outcome", async () => {
  const metrics = createMetrics()
  const observer = metrics.observerFor("batched")
  observer.operation("reserve", "reserved", 0.004)
  observer.operation("reserve", "insufficient_stock", 0.004)
  observer.retry("serialization_failure")
  observer.batch(12)
  observer.queued(3)
  observer.queued(0)
  observer.swept(2, 1.5)
  observer.swept(1, 0)
  const text = await metrics.register.metrics()
  for (const line of [
    'earmark_operations_total{operation="reserve",strategy="batched",outcome="reserved"} 1',
    'earmark_operations_total{operation="reserve",strategy="batched",outcome="insufficient_stock"} 1',
    'earmark_operation_duration_seconds_bucket{le="0.0025",operation="reserve",strategy="batched",outcome="reserved"} 0',
    'earmark_operation_duration_seconds_bucket{le="0.005",operation="reserve",strategy="batched",outcome="reserved"} 1',
    'earmark_retries_total{reason="serialization_failure"} 1',
    'earmark_batch_size_bucket{le="16"} 1',
    "earmark_queue_depth 0",
    "earmark_expired_holds_total 3",
    "earmark_sweep_lag_seconds 0",
  ]) {
    expect(text.split("\n")).toContain(line)
  }
})

test("the pool is read when somebody scrapes", async () => {
  const metrics = createMetrics()
  expect(await metrics.register.metrics()).not.toContain("earmark_pool_connections{")
  let idle = 4
  metrics.setPoolStats(() => ({ total: 10, idle, waiting: 2 }))
  idle = 7
  const text = await metrics.register.metrics()
  expect(text).toContain('earmark_pool_connections{state="total"} 10')
  expect(text).toContain('earmark_pool_connections{state="idle"} 7')
  expect(text).toContain('earmark_pool_connections{state="waiting"} 2')
})

test("a registry is never shared by accident", async () => {
  const register = new Registry()
  expect(createMetrics({ register }).register).toBe(register)
  createMetrics()
  createMetrics()
  expect(await globalRegister.getMetricsAsJSON()).toEqual([])
})
