/**
 * What this process has acknowledged and Postgres may not have yet. When a shard begins a new epoch, those that Postgres
 * does not know by then are lost, and recorded as revoked, one by one.
 */
import type { Grant } from "../core/allotments.ts"
import type { AllotmentStore } from "../engine/allotment-store.ts"
import type { HotStock } from "./hot-stock.ts"
import type { Shard } from "./shard.ts"

interface Acknowledged {
  readonly epoch: number
  readonly grant: Grant
}

export interface Lost {
  readonly shard: number
  readonly ids: readonly string[]
}

/** Looked up in one question. */
const CHECK_MAX = 1000

export class Outstanding {
  readonly #byShard = new Map<number, Map<string, Acknowledged>>()

  add(shard: number, { epoch, grants }: { readonly epoch: number; readonly grants: readonly Grant[] }): void {
    if (grants.length === 0) return
    const ofShard = this.#byShard.get(shard) ?? new Map<string, Acknowledged>()
    this.#byShard.set(shard, ofShard)
    for (const grant of grants) ofShard.set(grant.id, { epoch, grant })
  }

  get size(): number {
    let size = 0
    for (const ofShard of this.#byShard.values()) size += ofShard.size
    return size
  }

  /** Forgets what Redis has forgotten, which it does once Postgres has it; to be called now and then. */
  async tidy(shards: readonly Shard[], hot: HotStock): Promise<void> {
    for (const [number, ofShard] of this.#byShard) {
      const shard = shards[number]
      if (!shard || ofShard.size === 0) continue
      const epoch = hot.epochOf(number)
      if (epoch === null) continue
      const ids = [...ofShard].flatMap(([id, acknowledged]) => (acknowledged.epoch === epoch ? [id] : []))
      for (let at = 0; at < ids.length; at += CHECK_MAX) {
        const part = ids.slice(at, at + CHECK_MAX)
        const { epoch: found, grants } = await shard.peek(part)
        // Only where nothing was lost does "not there" mean "persisted".
        if (found !== epoch || !(await shard.status(found)).isOpen) break
        const there = new Set(grants.map(({ id }) => id))
        for (const id of part) if (!there.has(id)) ofShard.delete(id)
      }
    }
  }

  /** Of shards that have begun a later epoch: what Postgres does not know is lost. Returns what was newly recorded so. */
  async revokeLost(store: AllotmentStore, hot: HotStock): Promise<readonly Lost[]> {
    const lost: Lost[] = []
    for (const [shard, ofShard] of this.#byShard) {
      const record = hot.recordOf(shard)
      if (record?.state !== "open") continue
      const over = [...ofShard.values()].filter(({ epoch }) => epoch < record.epoch)
      for (let at = 0; at < over.length; at += CHECK_MAX) {
        const part = over.slice(at, at + CHECK_MAX)
        const ids = await store.revokeLost(
          part.map(({ grant }) => grant),
          record.epoch - 1,
        )
        for (const { grant } of part) ofShard.delete(grant.id)
        if (ids.length > 0) lost.push({ shard, ids })
      }
    }
    return lost
  }
}
