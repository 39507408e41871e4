/** What a console wants to know of this process, once a second: read from the metrics, and counted nowhere else. */
import { hostname } from "node:os"
import type { Registry } from "prom-client"
import { ERRORS, type ErrorCode } from "../core/errors.ts"
import {
  type Distribution,
  distributionOf,
  groupBy,
  totalled,
  totalOf,
  totalsBy,
  valuesOf,
} from "./metric-values.ts"
import { SECONDS_BUCKETS } from "./metrics.ts"

type Counts = Readonly<Record<string, number>>

/** Answers that last as long as their client likes say nothing about how fast this is. */
const STREAM_ROUTES = ["/v1/events/stream", "/v1/live"]

export async function readStatistics(register: Registry) {
  const [operations, requests, transactions, sweep, pool, streams, redis] = await Promise.all([
    readOperations(register),
    readRequests(register),
    readTransactions(register),
    readSweep(register),
    readPool(register),
    readStreams(register),
    readRedis(register),
  ])
  return {
    process: {
      name: `${hostname()}:${process.pid}`,
      startedAt: new Date((await totalOf(register, "process_start_time_seconds")) * 1000),
      uptimeSeconds: process.uptime(),
    },
    latencyBoundsSeconds: [...SECONDS_BUCKETS],
    operations,
    requests,
    transactions,
    sweep,
    pool,
    streams,
    redis,
  }
}

async function readOperations(register: Registry) {
  const counted = groupBy(await valuesOf(register, "earmark_operations_total"), "operation")
  const timed = new Map(groupBy(await valuesOf(register, "earmark_operation_duration_seconds"), "operation"))
  return counted.map(([operation, values]) => {
    const outcomes = groupBy(values, "outcome").map(([outcome, group]) => [outcome, totalled(group)] as const)
    const those = (kind: OutcomeKind): Counts =>
      Object.fromEntries(outcomes.filter(([outcome]) => kindOf(outcome) === kind))
    return {
      operation,
      succeeded: those("succeeded"),
      refused: those("refused"),
      failed: those("failed"),
      latency: latencyOf(timed.get(operation) ?? []),
    }
  })
}

type OutcomeKind = "succeeded" | "refused" | "failed"

function kindOf(outcome: string): OutcomeKind {
  if (!Object.hasOwn(ERRORS, outcome)) return "succeeded"
  return ERRORS[outcome as ErrorCode].status < 500 ? "refused" : "failed"
}

async function readRequests(register: Registry) {
  const timed = await valuesOf(register, "earmark_http_request_duration_seconds")
  return {
    answered: await totalsBy(register, "earmark_http_requests_total", "status"),
    latency: latencyOf(timed.filter(({ labels }) => !STREAM_ROUTES.includes(String(labels["route"])))),
  }
}

function latencyOf(values: Parameters<typeof distributionOf>[0]) {
  const { counts, sum }: Distribution = distributionOf(values, SECONDS_BUCKETS)
  return { counts: [...counts], sumSeconds: sum }
}

async function readTransactions(register: Registry) {
  const sizes = await valuesOf(register, "earmark_batch_size")
  const named = (end: string) =>
    totalled(sizes.filter(({ metricName }) => metricName === `earmark_batch_size_${end}`))
  return {
    queued: await totalOf(register, "earmark_queue_depth"),
    batches: named("count"),
    batchedRequests: named("sum"),
    retried: await totalsBy(register, "earmark_retries_total", "reason"),
  }
}

async function readSweep(register: Registry) {
  return {
    expiredHolds: await totalOf(register, "earmark_expired_holds_total"),
    lagSeconds: await totalOf(register, "earmark_sweep_lag_seconds"),
  }
}

async function readPool(register: Registry) {
  const { total, idle, waiting } = await totalsBy(register, "earmark_pool_connections", "state")
  return total === undefined ? null : { total, idle: idle ?? 0, waiting: waiting ?? 0 }
}

async function readStreams(register: Registry) {
  return {
    events: await totalOf(register, "earmark_event_streams"),
    live: await totalOf(register, "earmark_live_connections"),
  }
}

async function readRedis(register: Registry) {
  const [open, grants, lag, deadLetters] = await Promise.all(
    ["shard_open", "grants", "stream_lag_seconds", "dead_letters"].map((name) =>
      totalsBy(register, `earmark_redis_${name}`, "shard"),
    ),
  )
  return {
    outstanding: await totalOf(register, "earmark_redis_outstanding"),
    revoked: await totalsBy(register, "earmark_revoked_total", "reason"),
    shards: Object.entries(open ?? {}).map(([shard, isOpen]) => ({
      shard: Number(shard),
      isOpen: isOpen === 1,
      grants: grants?.[shard] ?? null,
      lagSeconds: lag?.[shard] ?? null,
      deadLetters: deadLetters?.[shard] ?? null,
    })),
  }
}
