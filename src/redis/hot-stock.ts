/**
 * What a process believes of hot items and shards, read from Postgres every second. A shard's epoch is believed for a few
 * seconds only, and a shard that is fenced stays so for longer than that before it is drained: nobody grants in an epoch
 * that is over, not even somebody who still reaches an old primary that was cut off.
 */
import type { ReserveCommand } from "../core/commands.ts"
import type { AllotmentStore, HotLevel, ShardRecord } from "../engine/allotment-store.ts"
import { SHARDS, shardOf } from "./keys.ts"
import type { GrantRequest } from "./shard.ts"

export const REFRESH_MS = 1000
/** From before the question was asked. */
const LEASE_MS = 3000
/** How long a shard stays fenced before it is drained: every lease is over, with time for clocks that run unevenly. */
export const FENCE_MS = LEASE_MS + 1000
/** By then every process knows that an item is hot, and sends requests with a key to its shard first. */
export const HOT_AFTER_MS = LEASE_MS + 1000

export interface Route {
  readonly shard: number
  readonly lines: GrantRequest["lines"]
}

export class HotStock {
  readonly #store: AllotmentStore
  readonly #levels = new Map<string, HotLevel[]>()
  readonly #shards = new Map<number, ShardRecord>()
  #believedUntilMs = 0
  #refreshing: Promise<void> | undefined

  constructor(store: AllotmentStore) {
    this.#store = store
  }

  /** Callers at the same time share one question. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** The epoch in which that shard may grant; null: it may not, as far as we know. */
  epochOf(shard: number): number | null {
    if (!this.isBelieved()) return null
    const record = this.#shards.get(shard)
    return record?.state === "open" ? record.epoch : null
  }

  /** Whether what we know is fresh enough to act on. */
  isBelieved(): boolean {
    return performance.now() < this.#believedUntilMs
  }

  recordOf(shard: number): ShardRecord | undefined {
    return this.#shards.get(shard)
  }

  /** Also while it is cooling down: then Redis may still have some of it, and grants no more. */
  isHot(sku: string): boolean {
    return this.#levels.has(sku)
  }

  levelsOf(sku: string): readonly HotLevel[] {
    return this.#levels.get(sku) ?? []
  }

  levels(): readonly HotLevel[] {
    return [...this.#levels.values()].flat()
  }

  /**
   * Null: the request is not for Redis. All of its skus must lie in one shard, and no two of its lines may come to the same
   * stock level; what it replaces, Postgres decides on.
   */
  routeOf(command: ReserveCommand): Route | null {
    if (command.replaces !== null || command.ttlSeconds > command.ttlSecondsMax) return null
    const [first] = command.lines
    if (!first || !this.isHot(first.sku)) return null
    const shard = shardOf(first.sku)
    const anywhere = command.lines.filter((line) => line.location === null).map((line) => line.sku)
    if (command.lines.some(({ sku, location }) => location !== null && anywhere.includes(sku))) return null
    const lines: GrantRequest["lines"][number][] = []
    for (const { sku, location, quantity } of command.lines) {
      const levels = this.#levels.get(sku)
      if (!levels?.every(({ target }) => target > 0) || shardOf(sku) !== shard) return null
      const candidates = location === null ? levels : levels.filter((level) => level.location === location)
      if (candidates.length === 0) return null
      lines.push({ quantity, candidates })
    }
    return { shard, lines }
  }

  async #read(): Promise<void> {
    const askedMs = performance.now()
    const { levels, shards } = await this.#store.hotState()
    this.#levels.clear()
    for (const [sku, ofSku] of Map.groupBy(levels, (level) => level.sku)) this.#levels.set(sku, ofSku)
    this.#shards.clear()
    for (const record of shards) if (record.shard < SHARDS) this.#shards.set(record.shard, record)
    this.#believedUntilMs = askedMs + LEASE_MS
  }
}
