/**
 * Whether "sold out" is true (promise L2), once a shard and then Postgres have said so. Between the two questions a unit
 * may have been on its way: from the shard to Postgres, which had to have it before it was asked; or from Postgres to the
 * shard, which shows in the total of what was ever allotted. And the shard may sell a level that we have not heard of yet.
 */
import { EarmarkError } from "../core/errors.ts"
import type { AllotmentStore, Allotted } from "../engine/allotment-store.ts"
import type { Remains } from "./shard.ts"
import { SharedLookup } from "./shared-lookup.ts"

/** How a shard fell short of an item, all of it as it was before Postgres was asked. */
export interface Shortness {
  /** Of the levels that were asked for. */
  readonly remains: Remains
  readonly returning: ReadonlySet<number>
  /** The levels of the item that we had heard of. */
  readonly known: ReadonlySet<number>
}

export class SoldOut {
  readonly #allotted: SharedLookup<string, readonly Allotted[]>
  /** What Postgres was last seen to know of each level; the totals of an epoch only grow. */
  readonly #noted = new Map<number, Allotted>()

  constructor(store: AllotmentStore) {
    this.#allotted = new SharedLookup((skus) => store.allotted(skus))
  }

  /** Levels of which the shard has returned more than Postgres is known to have by now. */
  returning({ epoch, levels }: Remains): ReadonlySet<number> {
    const returning = levels.filter(({ levelId, returnedTotal }) => {
      const noted = this.#noted.get(levelId)
      return returnedTotal > 0 && !(noted?.epoch === epoch && noted.returnedTotal >= returnedTotal)
    })
    return new Set(returning.map(({ levelId }) => levelId))
  }

  async isTrue(sku: string, { remains, returning, known }: Shortness): Promise<boolean> {
    const now = await this.#allottedOf(sku)
    const isNew = now.some(({ levelId, allottedTotal }) => !known.has(levelId) && allottedTotal > 0)
    return agree(remains, now) && !isNew && !remains.levels.some(({ levelId }) => returning.has(levelId))
  }

  /** The same, when Postgres had everything back that the shard had of this item. */
  async isTrueAfterRecall(sku: string, remains: Remains): Promise<boolean> {
    const recalled = new Set(remains.levels.map(({ levelId }) => levelId))
    const now = await this.#allottedOf(sku)
    return agree(remains, now) && now.every(({ levelId, units }) => recalled.has(levelId) || units === 0)
  }

  /** While a shard begins anew, nobody can say what becomes of the units that it had. */
  async refuseWhileRecovering(sku: string): Promise<void> {
    const allotted = await this.#allottedOf(sku)
    if (allotted.every(({ units }) => units === 0)) return
    throw new EarmarkError("unavailable", "Redis is being recovered, with units of this item in it.", {
      notApplied: true,
    })
  }

  async #allottedOf(sku: string): Promise<readonly Allotted[]> {
    const allotted = (await this.#allotted.of(sku)) ?? []
    for (const level of allotted) this.#noted.set(level.levelId, level)
    return allotted
  }

  close(): Promise<void> {
    return this.#allotted.close()
  }
}

/** The shard has nothing left of these levels, and nothing is on its way there. */
function agree({ epoch, overdue, levels }: Remains, allotted: readonly Allotted[]): boolean {
  if (overdue || levels.some(({ free }) => free > 0)) return false
  const byId = new Map(allotted.map((level) => [level.levelId, level]))
  return levels.every(({ levelId, allottedTotal }) => {
    const level = byId.get(levelId)
    if (!level) return allottedTotal === 0
    return level.epoch === epoch && level.allottedTotal === allottedTotal
  })
}
