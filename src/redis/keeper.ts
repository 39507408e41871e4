/**
 * Keeps shards in order: opens those that never were, begins the next epoch of those that lost something, makes a lost
 * consumer group again, closes those whose server has been set so that it loses things, persists grants whose deadline has
 * passed although no worker came, and gives a Redis up that has been away for too long, so that its units are sold by Postgres.
 */
import type { HotStock } from "./hot-stock.ts"
import { GROUP, shardOf } from "./keys.ts"
import { type RebuildParts, type Rebuilt, rebuildShard } from "./rebuild.ts"
import { isAway } from "./server.ts"
import { CLOSED, type Shard, type ShardStatus } from "./shard.ts"

const GIVE_UP_MS_DEFAULT = 30_000
/** Persisted in one pass. */
const OVERDUE_MAX = 1000
/** Between two looks at how a server is set, which somebody may change, and mend, while it runs: well within promise L3. */
const CHECK_MS_DEFAULT = 20_000
/** Between two notes that the shards answer: several of them in the time after which Redis is given up. */
const NOTE_MS = 2000

export interface KeeperOptions {
  readonly giveUpMs?: number
  readonly checkMs?: number
  readonly onRebuilt?: (shard: number, rebuilt: Rebuilt) => void
  readonly onGroupLost?: (shard: number) => void
  /** The server of that shard is set so that it must not grant, with the sentence that mends it; told once. */
  readonly onRefused?: (shard: number, refusal: string) => void
}

export class Keeper {
  readonly #parts: RebuildParts & { readonly hot: HotStock }
  readonly #shards: readonly Shard[]
  readonly #options: KeeperOptions
  readonly #awaySinceMs = new Map<number, number>()
  readonly #checks = new Map<number, { readonly atMs: number; readonly refusal: string | null }>()
  #notedMs = 0

  constructor(parts: RebuildParts, shards: readonly Shard[], options: KeeperOptions = {}) {
    this.#parts = parts
    this.#shards = shards
    this.#options = options
  }

  async pass(): Promise<void> {
    await this.#parts.hot.refresh()
    // A server that goes away in the middle is met as such in the next pass, and keeps no other waiting.
    await Promise.all(this.#shards.map((shard) => this.#keep(shard).catch(ignoreAway)))
    await this.#noteSeen()
  }

  /** That one worker cannot reach Redis must not take it from the others. */
  async #noteSeen(): Promise<void> {
    const nowMs = performance.now()
    if (nowMs - this.#notedMs < NOTE_MS) return
    this.#notedMs = nowMs
    const seen = this.#shards.map(({ number }) => number).filter((number) => !this.#awaySinceMs.has(number))
    await this.#parts.store.saw(seen)
  }

  async #keep(shard: Shard): Promise<void> {
    const record = this.#parts.hot.recordOf(shard.number)
    const status = await this.#statusOf(shard, record?.epoch ?? 0)
    if (status === null) return this.#giveUp(shard)
    if ((await this.#refusalOf(shard)) !== null) {
      // Without opening it: what is in it is persisted, and Postgres sells its units until that is mended.
      if (record?.state === "open") await this.#rebuild(shard.number, shard, { force: true })
      return
    }
    if (record?.state !== "open" || !status.isOpen) return this.#rebuild(shard.number, shard)
    if (await this.#knowsMore(shard, record.epoch)) return this.#rebuild(shard.number, shard, { force: true })
    if (!status.hasGroup) await this.#makeGroup(shard)
    const { earliestDeadlineMs, nowMs } = status
    if (earliestDeadlineMs !== null && earliestDeadlineMs <= nowMs) {
      await this.#parts.persister.persistOverdue(shard, OVERDUE_MAX)
    }
  }

  async #refusalOf(shard: Shard): Promise<string | null> {
    const { checkMs = CHECK_MS_DEFAULT, onRefused = () => {} } = this.#options
    const before = this.#checks.get(shard.number)
    if (before && performance.now() - before.atMs < checkMs) return before.refusal
    const refusal = await this.#parts.refusalOf(shard)
    this.#checks.set(shard.number, { atMs: performance.now(), refusal })
    if (refusal !== null && refusal !== before?.refusal) onRefused(shard.number, refusal)
    return refusal
  }

  async #statusOf(shard: Shard, epoch: number): Promise<ShardStatus | null> {
    try {
      const status = await shard.status(epoch)
      this.#awaySinceMs.delete(shard.number)
      return status
    } catch (error) {
      if (!isAway(error)) throw error
      if (!this.#awaySinceMs.has(shard.number)) this.#awaySinceMs.set(shard.number, performance.now())
      return null
    }
  }

  /** More was allotted to it than Postgres has ever allotted: Postgres was restored from a backup, in the same epoch. */
  async #knowsMore(shard: Shard, epoch: number): Promise<boolean> {
    const levels = this.#parts.hot.levels().filter(({ sku }) => shardOf(sku) === shard.number)
    if (levels.length === 0) return false
    const told = await shard.takeBack(
      epoch,
      levels.map(({ levelId }) => ({ levelId, units: 0 })),
    )
    if (told === CLOSED) return false
    // Read afterwards: whatever the shard was told by then is in it.
    const bySku = await this.#parts.store.allotted(levels.map(({ sku }) => sku))
    const allotted = new Map([...bySku.values()].flat().map((level) => [level.levelId, level]))
    return told.levels.some(({ levelId, allottedTotal }) => {
      const known = allotted.get(levelId)
      return allottedTotal > (known?.epoch === epoch ? known.allottedTotal : 0)
    })
  }

  async #giveUp(shard: Shard): Promise<void> {
    const { giveUpMs = GIVE_UP_MS_DEFAULT } = this.#options
    const awayMs = performance.now() - (this.#awaySinceMs.get(shard.number) ?? 0)
    const record = this.#parts.hot.recordOf(shard.number)
    const isGone = awayMs >= giveUpMs && (record?.unseenMs ?? 0) >= giveUpMs
    // One that went away while it began anew has nobody who would take its units back.
    const isToBeClosed = record?.state === "open" || this.#hasUnits(shard.number)
    if (isGone && isToBeClosed) await this.#rebuild(shard.number, null)
  }

  #hasUnits(number: number): boolean {
    return this.#parts.hot.levels().some(({ sku, units }) => units > 0 && shardOf(sku) === number)
  }

  async #rebuild(number: number, shard: Shard | null, options = {}): Promise<void> {
    const rebuilt = await rebuildShard(this.#parts, number, shard, options)
    if (rebuilt) this.#options.onRebuilt?.(number, rebuilt)
  }

  /** From the beginning: what was delivered and not finished is still in the stream. */
  async #makeGroup(shard: Shard): Promise<void> {
    const { stream } = shard.keys
    this.#options.onGroupLost?.(shard.number)
    await shard.send(stream, "XGROUP", "CREATE", stream, GROUP, "0", "MKSTREAM").catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith("BUSYGROUP")) throw error
    })
  }
}

function ignoreAway(error: unknown): void {
  if (!isAway(error)) throw error
}
