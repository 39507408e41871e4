/**
 * Metrics for Prometheus. `docs/reference/metrics.md` lists every one, and a test compares the two.
 * A label never carries a sku, a customer or an id: each of its values is one of a fixed few.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { createRedisMetrics, type RedisMetrics } from "./redis-metrics.ts"
import { createReplicaMetrics, type ReplicaMetrics } from "./replica-metrics.ts"
import { createSinkMetrics, type SinkMetrics } from "./sink-metrics.ts"
import { createStreamMetrics, type StreamMetrics } from "./stream-metrics.ts"
import { createTimings } from "./timings.ts"
import { createWebhookMetrics, type WebhookMetrics } from "./webhook-metrics.ts"

export interface HttpRequestSample {
  readonly method: string
  /** The route's pattern, never the path; `unmatched` when there is no such route. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface PoolStats {
  readonly total: number
  readonly idle: number
  readonly waiting: number
}

/** What the engine reports to; the shape of its `EngineObserver`. */
export interface OperationMetrics {
  operation(operation: string, outcome: string, seconds: number): void
  retry(reason: string): void
  batch(size: number): void
  queued(requests: number): void
  swept(holds: number, lagSeconds: number): void
}

export interface Metrics extends RedisMetrics, SinkMetrics, StreamMetrics, WebhookMetrics, ReplicaMetrics {
  readonly register: Registry
  /** The observer for an engine with this strategy. */
  observerFor(strategy: string): OperationMetrics
  httpRequest(sample: HttpRequestSample): void
  /** Reads the pool whenever somebody scrapes. */
  setPoolStats(read: () => PoolStats): void
}

/** From half a millisecond, an unloaded reserve, to 10 s, where every time-out has struck. */
export const SECONDS_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]

/** @param register a fresh one unless given; never prom-client's global one, which two engines would share */
export function createMetrics({ register = new Registry() }: { readonly register?: Registry } = {}): Metrics {
  collectDefaultMetrics({ register })
  return {
    register,
    observerFor: createOperationMetrics(register),
    httpRequest: createHttpMetrics(register),
    setPoolStats: createPoolMetrics(register),
    ...createStreamMetrics(register),
    ...createRedisMetrics(register),
    ...createSinkMetrics(register),
    ...createWebhookMetrics(register),
    ...createReplicaMetrics(register),
  }
}

function createOperationMetrics(register: Registry): Metrics["observerFor"] {
  const registers = [register]
  const operation = createTimings({
    register,
    counter: {
      name: "earmark_operations_total",
      help: "Operations of the engine, by what came of them",
      labelNames: ["operation", "strategy", "outcome"],
    },
    histogram: {
      name: "earmark_operation_duration_seconds",
      help: "Time from accepting an operation to its answer",
      labelNames: ["operation", "strategy", "outcome"],
    },
    buckets: SECONDS_BUCKETS,
  })
  const retries = new Counter({
    name: "earmark_retries_total",
    help: "Transactions that ran again, by reason",
    labelNames: ["reason"],
    registers,
  })
  const batchSize = new Histogram({
    name: "earmark_batch_size",
    help: "Requests that shared one transaction",
    buckets: BATCH_BUCKETS,
    registers,
  })
  const queueDepth = new Gauge({
    name: "earmark_queue_depth",
    help: "Requests waiting for a transaction",
    registers,
  })
  const expiredHolds = new Counter({
    name: "earmark_expired_holds_total",
    help: "Holds whose end was recorded by the sweep",
    registers,
  })
  const sweepLag = new Gauge({
    name: "earmark_sweep_lag_seconds",
    help: "How long the longest overdue hold of the last sweep had been overdue",
    registers,
  })
  return (strategy) => ({
    operation: (name, outcome, seconds) => operation(name, strategy, outcome, seconds),
    retry: (reason) => retries.inc({ reason }),
    batch: (size) => batchSize.observe(size),
    queued: (requests) => queueDepth.set(requests),
    swept(holds, lagSeconds) {
      expiredHolds.inc(holds)
      sweepLag.set(lagSeconds)
    },
  })
}

function createHttpMetrics(register: Registry): Metrics["httpRequest"] {
  const request = createTimings({
    register,
    counter: {
      name: "earmark_http_requests_total",
      help: "HTTP requests answered",
      labelNames: ["method", "route", "status"],
    },
    histogram: {
      name: "earmark_http_request_duration_seconds",
      help: "Time from the last header of a request to the last byte of its answer",
      labelNames: ["method", "route"],
    },
    buckets: SECONDS_BUCKETS,
  })
  return ({ method, route, status, seconds }) => request(method, route, String(status), seconds)
}

function createPoolMetrics(register: Registry): Metrics["setPoolStats"] {
  let read: (() => PoolStats) | undefined
  new Gauge({
    name: "earmark_pool_connections",
    help: "Postgres connections of the pool, and requests waiting for one",
    labelNames: ["state"],
    registers: [register],
    collect() {
      const stats = read?.()
      if (!stats) return
      this.set({ state: "total" }, stats.total)
      this.set({ state: "idle" }, stats.idle)
      this.set({ state: "waiting" }, stats.waiting)
    },
  })
  return (next) => {
    read = next
  }
}
