/**
 * Takes what a shard has left of a sku back to Postgres, because somebody there fell short of it. Callers at the same time
 * share a round, which begins after all of them have asked.
 */
import { EarmarkError } from "../core/errors.ts"
import type { Strategy } from "../engine/ports.ts"
import type { HotStock } from "./hot-stock.ts"
import { shardOf } from "./keys.ts"
import type { Persister } from "./persister.ts"
import { CLOSED, type Remains, type Shard } from "./shard.ts"

/** Overdue grants that are persisted at once, so that Postgres ends them. */
const OVERDUE_MAX = 1000

export interface RecallParts {
  readonly hot: HotStock
  readonly shards: readonly Shard[]
  readonly postgres: Strategy
  readonly persister: Persister
}

/** What the shard still had once Postgres had everything back; null when it is not open. */
type Round = Promise<Remains | null>

export class Recall {
  readonly #parts: RecallParts
  readonly #underWay = new Map<string, Round>()
  readonly #next = new Map<string, Round>()
  /** What Postgres was last told to have been returned of each level, and in which epoch: once is enough. */
  readonly #told = new Map<number, { readonly epoch: number; readonly returnedTotal: number }>()

  constructor(parts: RecallParts) {
    this.#parts = parts
  }

  run(sku: string): Round {
    const underWay = this.#underWay.get(sku)
    if (!underWay) return this.#begin(sku)
    return this.#next.get(sku) ?? this.#beginAfter(sku, underWay)
  }

  #begin(sku: string): Round {
    const round = this.#takeBack(sku).finally(() => this.#underWay.delete(sku))
    this.#underWay.set(sku, round)
    return round
  }

  #beginAfter(sku: string, underWay: Round): Round {
    const begin = () => {
      this.#next.delete(sku)
      return this.#begin(sku)
    }
    const round = underWay.then(begin, begin)
    this.#next.set(sku, round)
    return round
  }

  async #takeBack(sku: string): Promise<Remains | null> {
    const { hot, shards, postgres, persister } = this.#parts
    const shard = shards[shardOf(sku)] as Shard
    const epoch = hot.epochOf(shard.number)
    if (epoch === null) return null
    const locations = new Map(hot.levelsOf(sku).map(({ levelId, location }) => [levelId, location]))
    const taken = await shard.recall(epoch, [...locations.keys()]).catch(asClosed)
    if (taken === CLOSED) return null
    for (const { levelId, returnedTotal } of taken.levels) {
      const told = this.#told.get(levelId)
      if (returnedTotal === 0 || (told?.epoch === epoch && told.returnedTotal >= returnedTotal)) continue
      const location = locations.get(levelId) ?? ""
      await postgres.submit({ kind: "give_back", sku, location, epoch, returnedTotal })
      this.#told.set(levelId, { epoch, returnedTotal })
    }
    while (taken.overdue) {
      const found = await persister.persistOverdue(shard, OVERDUE_MAX).catch(asClosed)
      if (found === CLOSED) return null
      if (found < OVERDUE_MAX) break
    }
    return { ...taken, overdue: false }
  }
}

/** Of what Redis does not tell us now, nobody can say whether anything is left. */
function asClosed(error: unknown): typeof CLOSED {
  if (error instanceof EarmarkError) throw error
  return CLOSED
}
