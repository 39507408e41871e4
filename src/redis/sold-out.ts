/**
 * Whether "sold out" is true (promise L2), once a shard and then Postgres have said so. Between the two questions a unit
 * may have been on its way: from the shard to Postgres, which had to have it before it was asked; or from Postgres to the
 * shard, which shows in the total of what was ever allotted.
 */
import { EarmarkError } from "../core/errors.ts"
import type { AllotmentStore, Allotted } from "../engine/allotment-store.ts"
import type { HotStock } from "./hot-stock.ts"
import type { Remains } from "./shard.ts"
import { SharedLookup } from "./shared-lookup.ts"

export class SoldOut {
  readonly #hot: HotStock
  readonly #allotted: SharedLookup<number, Allotted>
  /** What Postgres was last seen to know of each level; the totals of an epoch only grow. */
  readonly #noted = new Map<number, Allotted>()

  constructor(store: AllotmentStore, hot: HotStock) {
    this.#hot = hot
    this.#allotted = new SharedLookup((levelIds) => store.allotted(levelIds))
  }

  /** @param remains what the shard had, before Postgres was asked and fell short */
  async isTrue(remains: Remains): Promise<boolean> {
    const wasNoted = remains.levels.every(({ levelId, returnedTotal }) => {
      const noted = this.#noted.get(levelId)
      return returnedTotal === 0 || (noted?.epoch === remains.epoch && noted.returnedTotal >= returnedTotal)
    })
    return (await this.isTrueAfterRecall(remains)) && wasNoted
  }

  /** The same, when Postgres had everything that the shard had returned. */
  async isTrueAfterRecall({ epoch, overdue, levels }: Remains): Promise<boolean> {
    if (overdue || levels.some(({ free }) => free > 0)) return false
    const now = await Promise.all(levels.map(async ({ levelId }) => this.#allotted.of(levelId)))
    return levels.every(({ levelId, allottedTotal }, index) => {
      const allotted = now[index]
      if (!allotted) return allottedTotal === 0
      this.#noted.set(levelId, allotted)
      return allotted.epoch === epoch && allotted.allottedTotal === allottedTotal
    })
  }

  /** While a shard begins anew, nobody can say what becomes of the units that it had. */
  async refuseWhileRecovering(sku: string): Promise<void> {
    const levelIds = this.#hot.levelsOf(sku).map(({ levelId }) => levelId)
    const allotted = await Promise.all(levelIds.map((levelId) => this.#allotted.of(levelId)))
    if (allotted.every((level) => (level?.units ?? 0) === 0)) return
    throw new EarmarkError("unavailable", "Redis is being recovered, with units of this item in it.", {
      notApplied: true,
    })
  }

  close(): Promise<void> {
    return this.#allotted.close()
  }
}
