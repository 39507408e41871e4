/**
 * What was granted to this process, which acknowledges it, and Postgres may not have yet. When a shard begins a new epoch,
 * those that Postgres does not know by then are lost, and recorded as revoked, one by one.
 */
import type { Grant } from "../core/allotments.ts"
import type { Strategy } from "../engine/ports.ts"
import { parseGrant } from "./grants.ts"
import type { HotStock } from "./hot-stock.ts"
import type { EntryId, Shard, StoredGrant } from "./shard.ts"

/** What was granted by one call of the script. */
interface Batch {
  readonly epoch: number
  readonly made: readonly StoredGrant[]
  readonly entry: EntryId
}

export interface Lost {
  readonly shard: number
  readonly ids: readonly string[]
}

/** Looked up in one transaction. */
const CHECK_MAX = 500

export class Outstanding {
  readonly #byShard = new Map<number, Batch[]>()

  add(shard: number, batch: Batch): void {
    const batches = this.#byShard.get(shard)
    if (batches) batches.push(batch)
    else this.#byShard.set(shard, [batch])
  }

  /** It was not acknowledged after all. */
  forget(shard: number, id: string): void {
    const batches = this.#byShard.get(shard) ?? []
    const index = batches.findLastIndex(({ made }) => made.some((grant) => grant.id === id))
    const batch = batches[index]
    if (batch) batches[index] = { ...batch, made: batch.made.filter((grant) => grant.id !== id) }
  }

  get size(): number {
    let size = 0
    for (const batches of this.#byShard.values()) for (const { made } of batches) size += made.length
    return size
  }

  /** Forgets what is no longer in the stream: an entry goes once everything in it is persisted. */
  async tidy(shards: readonly Shard[], hot: HotStock): Promise<void> {
    await Promise.all(
      [...this.#byShard].map(async ([number, batches]) => {
        const shard = shards[number]
        const epoch = hot.epochOf(number)
        if (shard && epoch !== null && batches.length > 0) await this.#tidyShard(shard, epoch, batches)
      }),
    )
  }

  async #tidyShard(shard: Shard, epoch: number, batches: readonly Batch[]): Promise<void> {
    const asked = batches.length
    const status = await shard.status(epoch).catch(() => null)
    // Only where nothing was lost does "gone" mean "persisted".
    if (!status?.isOpen) return
    const { oldest } = status
    const isGone = (batch: Batch, index: number) =>
      index < asked && batch.epoch === epoch && (oldest === null || isBefore(batch.entry, oldest))
    this.#byShard.set(
      shard.number,
      batches.filter((batch, index) => !isGone(batch, index)),
    )
  }

  /**
   * Of shards that have begun a later epoch: what Postgres does not know is lost. Tells what was newly recorded so at once:
   * whatever fails afterwards, nobody would tell of it again.
   */
  async *revokeLost(postgres: Strategy, hot: HotStock): AsyncGenerator<Lost> {
    for (const [shard, batches] of this.#byShard) {
      const record = hot.recordOf(shard)
      if (record?.state !== "open") continue
      const isOver = ({ epoch }: Batch) => epoch < record.epoch
      const grants = batches.filter(isOver).flatMap(({ made }) => made.map(toGrant))
      for (let at = 0; at < grants.length; at += CHECK_MAX) {
        const some = grants.slice(at, at + CHECK_MAX)
        const { revokedIds: ids } = await postgres.submit({
          kind: "revoke_lost",
          epoch: record.epoch - 1,
          grants: some,
        })
        if (ids.length > 0) yield { shard, ids }
      }
      this.#byShard.set(
        shard,
        (this.#byShard.get(shard) ?? []).filter((batch) => !isOver(batch)),
      )
    }
  }
}

function toGrant({ id, stored }: StoredGrant): Grant {
  return parseGrant(id, stored)
}

function isBefore(a: EntryId, b: EntryId): boolean {
  return a.ms === b.ms ? a.sequence < b.sequence : a.ms < b.ms
}
