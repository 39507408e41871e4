import { Counter, Gauge, type Registry } from "prom-client"
import type { RevocationReason } from "../core/allotments.ts"

/** A shard of Redis, as a worker sees it. */
export interface ShardSample {
  /** Grants that are not persisted. */
  readonly grants?: number
  /** Of the oldest entry in the stream. */
  readonly lagSeconds?: number
  readonly deadLetters?: number
  readonly isOpen: boolean
}

export interface RedisMetrics {
  /** Reads whenever somebody scrapes how many reservations were acknowledged here and may be in Redis only. */
  setOutstanding(read: () => number): void
  revoked(reason: RevocationReason, reservations: number): void
  shard(shard: number, sample: ShardSample): void
  rebuilt(): void
  persisted(reservations: number): void
  buried(entries: number): void
}

export function createRedisMetrics(register: Registry): RedisMetrics {
  const registers = [register]
  let outstanding = () => 0
  new Gauge({
    name: "earmark_redis_outstanding",
    help: "Reservations that this process has acknowledged as provisional and that may not be persisted yet",
    registers,
    collect() {
      this.set(outstanding())
    },
  })
  const revoked = new Counter({
    name: "earmark_revoked_total",
    help: "Provisional reservations that could not be kept, by why",
    labelNames: ["reason"],
    registers,
  })
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `earmark_redis_${name}`, help, labelNames: ["shard"], registers })
  const grants = gauge("grants", "Grants of the shard that are not persisted yet")
  const lag = gauge("stream_lag_seconds", "Age of the oldest entry in the stream of the shard")
  const deadLetters = gauge("dead_letters", "Stream entries of the shard that could not be persisted")
  const open = gauge("shard_open", "1 while the shard may grant, 0 while Postgres stands in for it")
  const counter = (name: string, help: string) =>
    new Counter({ name: `earmark_redis_${name}`, help, registers })
  const rebuilt = counter(
    "rebuilds_total",
    "Epochs that this worker began because a shard was new or had lost data",
  )
  const persisted = counter("persisted_total", "Grants that this worker has made ordinary holds")
  const buried = counter("buried_total", "Stream entries that this worker put aside as dead letters")
  return {
    setOutstanding(read) {
      outstanding = read
    },
    revoked: (reason, reservations) => revoked.inc({ reason }, reservations),
    shard(number, sample) {
      const shard = String(number)
      if (sample.grants !== undefined) grants.set({ shard }, sample.grants)
      if (sample.lagSeconds !== undefined) lag.set({ shard }, sample.lagSeconds)
      if (sample.deadLetters !== undefined) deadLetters.set({ shard }, sample.deadLetters)
      open.set({ shard }, sample.isOpen ? 1 : 0)
    },
    rebuilt: () => rebuilt.inc(),
    persisted: (reservations) => persisted.inc(reservations),
    buried: (entries) => buried.inc(entries),
  }
}
