/**
 * Keeps as many units in a shard as its items are set to have ready: allots more when they have become few, takes back
 * what is too many, and everything when an item cools down. Any number may run at once, and none has to for units to be
 * sold: what is not allotted, Postgres sells.
 */
import type { HotLevel } from "../engine/allotment-store.ts"
import type { Strategy } from "../engine/ports.ts"
import type { HotStock } from "./hot-stock.ts"
import { HOT_AFTER_MS } from "./hot-stock.ts"
import { shardOf } from "./keys.ts"
import { isAway } from "./server.ts"
import { CLOSED, type Shard, type ToppedUp } from "./shard.ts"

/** Below this share of the target more is allotted: not for every unit that is sold. */
const LOW_WATER = 0.75

export interface Allotted {
  readonly allotted: number
  readonly takenBack: number
}

export class Allotter {
  readonly #hot: HotStock
  readonly #shards: readonly Shard[]
  readonly #postgres: Strategy

  constructor(hot: HotStock, shards: readonly Shard[], postgres: Strategy) {
    this.#hot = hot
    this.#shards = shards
    this.#postgres = postgres
  }

  /** One look at every hot level. */
  async pass(): Promise<Allotted> {
    await this.#hot.refresh()
    const byShard = Map.groupBy(this.#hot.levels(), ({ sku }) => shardOf(sku))
    const passes = [...byShard].map(async ([number, levels]) => {
      const epoch = this.#hot.epochOf(number)
      if (epoch === null) return NOTHING
      return this.#passShard(this.#shards[number] as Shard, epoch, levels).catch(nothingWhileAway)
    })
    return (await Promise.all(passes)).reduce(sum, NOTHING)
  }

  async #passShard(shard: Shard, epoch: number, levels: readonly HotLevel[]): Promise<Allotted> {
    for (const { sku, location, units, ...level } of levels) {
      // Allotted by somebody who had not heard yet that the epoch was over.
      if (level.epoch < epoch && units > 0) {
        await this.#postgres.submit({ kind: "close_allotment", sku, location, epoch })
      }
    }
    // Said again every time: the last one to allot may have died before it told the shard.
    const known = levels.map(({ levelId, ...level }) => ({
      levelId,
      allottedTotal: level.epoch === epoch ? level.allottedTotal : 0,
    }))
    const there = await shard.topUp(epoch, known)
    if (there === CLOSED) return NOTHING
    const now = levels.map((level, index) => ({ level, ...(there[index] ?? { free: 0, isRecalled: false }) }))
    const allotted = await this.#allot(shard, epoch, now)
    const takenBack = await this.#takeBack(shard, epoch, now)
    return { allotted, takenBack }
  }

  async #allot(shard: Shard, epoch: number, levels: readonly Seen[]): Promise<number> {
    const low = levels.filter(
      ({ level, free, isRecalled }) =>
        !isRecalled && level.hotMs >= HOT_AFTER_MS && level.available > 0 && free < level.target * LOW_WATER,
    )
    const totals = await Promise.all(
      low.map(async ({ level: { levelId, sku, location, target, ...level }, free }) => {
        const before = level.epoch === epoch ? level.allottedTotal : 0
        const wanted = before + target - free
        const outcome = await this.#postgres.submit({
          kind: "allot",
          sku,
          location,
          epoch,
          allottedTotal: wanted,
        })
        return outcome.outcome === "allotted" ? { levelId, before, allottedTotal: outcome.allottedTotal } : []
      }),
    )
    const told = totals.flat()
    if (told.length > 0) await shard.topUp(epoch, told)
    return told.reduce((units, { before, allottedTotal }) => units + allottedTotal - before, 0)
  }

  /** What is above the target, and what has become safety stock meanwhile. */
  async #takeBack(shard: Shard, epoch: number, levels: readonly Seen[]): Promise<number> {
    const many = levels.flatMap(({ level, free }) => {
      const units = Math.min(free, Math.max(free - level.target, -level.available))
      const isUnnoted = level.target === 0 && level.units > 0
      return units > 0 || isUnnoted ? [{ level, units: Math.max(units, 0) }] : []
    })
    if (many.length === 0) return 0
    const taken = await shard.takeBack(
      epoch,
      many.map(({ level, units }) => ({ levelId: level.levelId, units })),
    )
    if (taken === CLOSED) return 0
    await Promise.all(
      taken.levels.map(async ({ returnedTotal }, index) => {
        const { sku = "", location = "" } = many[index]?.level ?? {}
        await this.#postgres.submit({ kind: "give_back", sku, location, epoch, returnedTotal })
      }),
    )
    return many.reduce((units, { units: more }) => units + more, 0)
  }
}

interface Seen extends ToppedUp {
  readonly level: HotLevel
}

function nothingWhileAway(error: unknown): Allotted {
  if (!isAway(error)) throw error
  return NOTHING
}

const NOTHING: Allotted = { allotted: 0, takenBack: 0 }

function sum(a: Allotted, b: Allotted): Allotted {
  return { allotted: a.allotted + b.allotted, takenBack: a.takenBack + b.takenBack }
}
