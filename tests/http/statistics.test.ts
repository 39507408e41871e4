/** What a process says of itself is what was done to it, and two looks tell what came between them. */
import { hostname } from "node:os"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createMetrics } from "../../src/telemetry/metrics.ts"
import { testClient } from "../support/client.ts"
import { stock } from "../support/engine.ts"
import { TestWatcher } from "../support/watcher.ts"
import { type ListeningService, startListening } from "./raw-connection.ts"

const metrics = createMetrics()
let service: ListeningService
beforeAll(async () => {
  // A stream whose client is gone is found out when the next heartbeat cannot be delivered.
  service = await startListening({ metrics, observer: metrics.observerFor("batched"), heartbeatMs: 50 })
  const { pool } = service
  metrics.setPoolStats(() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  await stock(service.engine, "MUG", { BERLIN: 10 })
})
afterAll(() => service.close())

const read = async () => await testClient(service.listensOn).health.statistics()
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

async function operation(name: string) {
  const found = (await read()).operations.find((one) => one.operation === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

test("it says which process it is of, and since when", async () => {
  const { process: said } = await read()
  expect(said).toMatchObject({ name: `${hostname()}:${process.pid}`, strategy: "batched" })
  expect(Math.abs(said.uptimeSeconds - process.uptime())).toBeLessThan(5)
  expect(Math.abs(Date.parse(said.startedAt) + said.uptimeSeconds * 1000 - Date.now())).toBeLessThan(5000)
})

test("operations are told by what came of them: done, refused, failed", async () => {
  const client = testClient(service.listensOn)
  const lines = [{ sku: "MUG", quantity: 1 }]
  const held = await client.reservations.reserve({ lines }, { idempotencyKey: "k" })
  await client.reservations.reserve({ lines }, { idempotencyKey: "k" })
  await client.reservations.extend(held.id, { ttlSeconds: 900 })
  await client.reservations.confirm(held.id)
  await client.reservations.release(held.id).catch(() => {})
  for (const _ of [1, 2]) {
    await client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 99 }] }).catch(() => {})
  }
  expect(await operation("reserve")).toMatchObject({
    succeeded: { reserved: 1, replayed: 1 },
    refused: { insufficient_stock: 2 },
    failed: {},
  })
  expect(await operation("extend")).toMatchObject({ succeeded: { extended: 1 } })
  expect(await operation("confirm")).toMatchObject({ succeeded: { confirmed: 1 } })
  expect(await operation("release")).toMatchObject({ succeeded: {}, refused: { reservation_confirmed: 1 } })
  const observer = metrics.observerFor("batched")
  observer.operation("release", "unavailable", 0.1)
  expect(await operation("release")).toMatchObject({ failed: { unavailable: 1 } })
})

test("a distribution has every one in one bucket, so that two looks tell the percentiles between them", async () => {
  const before = await read()
  const observer = metrics.observerFor("batched")
  for (const seconds of [0.0004, 0.0005, 0.02, 60]) observer.operation("confirm", "confirmed", seconds)
  const after = await read()
  const latencyOf = ({ operations }: typeof before) =>
    operations.find((one) => one.operation === "confirm")?.latency
  const [first, second] = [latencyOf(before), latencyOf(after)]
  const added = second?.counts.map((count, index) => count - (first?.counts[index] ?? 0)) ?? []
  const bounds = after.latencyBoundsSeconds
  expect(added).toHaveLength(bounds.length + 1)
  expect(added.flatMap((count, index) => (count > 0 ? [[bounds[index], count]] : []))).toEqual([
    [0.0005, 2],
    [0.025, 1],
    [undefined, 1],
  ])
  expect((second?.sumSeconds ?? 0) - (first?.sumSeconds ?? 0)).toBeCloseTo(60.0209)
})

test("requests are counted by status, and streams do not make them slow", async () => {
  const client = testClient(service.listensOn)
  const watcher = new TestWatcher(`${service.listensOn.replace("http", "ws")}/v1/live?sku=MUG`)
  await watcher.opened
  const stop = new AbortController()
  const streaming = client.events.stream({}, { signal: stop.signal })
  const next = streaming[Symbol.asyncIterator]().next()
  await expect.poll(async () => (await read()).streams).toEqual({ events: 1, live: 1 })
  watcher.close()
  stop.abort()
  await next
  await expect.poll(async () => (await read()).streams).toEqual({ events: 0, live: 0 })
  const before = (await read()).requests
  // As those are told of that the service itself has ended.
  metrics.httpRequest({ method: "GET", route: "/v1/events/stream", status: 200, seconds: 3600 })
  await client.items.get("NOTHING").catch(() => {})
  const after = (await read()).requests
  expect((after.answered["404"] ?? 0) - (before.answered["404"] ?? 0)).toBe(1)
  // With the look before.
  expect((after.answered["200"] ?? 0) - (before.answered["200"] ?? 0)).toBe(2)
  expect(sum(after.latency.counts) - sum(before.latency.counts)).toBe(2)
  expect(after.latency.sumSeconds).toBeLessThan(3600)
})

test("how things are now: transactions, the pool, the sweep, and Redis", async () => {
  const observer = metrics.observerFor("batched")
  const { transactions: before } = await read()
  observer.batch(12)
  observer.queued(3)
  observer.retry("serialization_failure")
  observer.swept(2, 1.5)
  metrics.shard(1, { isOpen: true, grants: 4, lagSeconds: 0.5, deadLetters: 1 })
  metrics.shard(2, { isOpen: false })
  metrics.revoked("lost", 2)
  metrics.setOutstanding(() => 7)
  const { transactions, sweep, pool, redis } = await read()
  expect(transactions).toEqual({
    queued: 3,
    batches: before.batches + 1,
    batchedRequests: before.batchedRequests + 12,
    retried: { serialization_failure: 1 },
  })
  expect(sweep).toEqual({ expiredHolds: 2, lagSeconds: 1.5 })
  expect(pool?.total).toBe(service.pool.totalCount)
  expect(redis).toEqual({
    outstanding: 7,
    revoked: { lost: 2 },
    shards: [
      { shard: 1, isOpen: true, grants: 4, lagSeconds: 0.5, deadLetters: 1 },
      { shard: 2, isOpen: false, grants: null, lagSeconds: null, deadLetters: null },
    ],
  })
})

test("reading costs little, and nothing of the database", async () => {
  let acquired = 0
  service.pool.on("acquire", () => {
    acquired += 1
  })
  const begunMs = performance.now()
  for (let count = 0; count < 100; count += 1) await service.call("GET", "/v1/statistics")
  expect((performance.now() - begunMs) / 100).toBeLessThan(20)
  expect(acquired).toBe(0)
  await service.call("GET", "/v1/time")
  expect(acquired).toBe(1)
})
