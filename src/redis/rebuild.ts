/**
 * Begins a shard's next epoch: fence it, wait until nobody believes in the old one, persist what Redis still has, take all
 * allotments back, and only then let it grant again, empty. Whatever Redis has lost, or made up from a copy, is without
 * effect from then on. Every step may be repeated, by anybody, from the beginning.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { AllotmentStore } from "../engine/allotment-store.ts"
import type { Strategy } from "../engine/ports.ts"
import { FENCE_MS, type HotStock } from "./hot-stock.ts"
import { shardOf } from "./keys.ts"
import type { Persister } from "./persister.ts"
import { inPairs, type Shard } from "./shard.ts"

/** Grants persisted in one transaction. */
const DRAIN_MAX = 500

export interface RebuildParts {
  readonly store: AllotmentStore
  readonly postgres: Strategy
  readonly hot: HotStock
  readonly persister: Persister
}

export interface Rebuilt {
  readonly epoch: number
  readonly persisted: number
  readonly unitsTakenBack: number
}

/**
 * @param shard null when Redis is given up for now: its units are sold by Postgres until it is back
 * @returns null when somebody else is at it
 */
export async function rebuildShard(
  parts: RebuildParts,
  number: number,
  shard: Shard | null,
): Promise<Rebuilt | null> {
  let rebuilt: Rebuilt | null = null
  await parts.store.alone(number, async () => {
    rebuilt = await rebuildAlone(parts, number, shard)
  })
  return rebuilt
}

async function rebuildAlone(
  { store, postgres, hot, persister }: RebuildParts,
  number: number,
  shard: Shard | null,
): Promise<Rebuilt> {
  await hot.refresh()
  const before = hot.recordOf(number)?.epoch ?? 0
  await store.fence(number, before)
  const isFenced = (await shard?.fence(before)) ?? true
  await hot.refresh()
  // The first epoch of all follows none that anybody could believe in.
  if (before > 0) await pause(Math.max(0, FENCE_MS - (hot.recordOf(number)?.sinceMs ?? 0)))
  const persisted = shard ? await drain(shard, persister) : 0
  // Redis may have seen later epochs than Postgres, if that was restored from a backup: go on after them.
  const seen = shard && !isFenced ? ((await shard.peek([])).epoch ?? 0) : 0
  const epoch = Math.max(before, seen) + 1
  await store.beginEpoch(number, epoch)
  const unitsTakenBack = await closeAllotments({ postgres, hot }, number, epoch)
  if (shard && (await shard.open(epoch))) await store.open(number, epoch)
  await hot.refresh()
  return { epoch, persisted, unitsTakenBack }
}

async function closeAllotments(
  { postgres, hot }: Pick<RebuildParts, "postgres" | "hot">,
  number: number,
  epoch: number,
): Promise<number> {
  await hot.refresh()
  const levels = hot.levels().filter(({ sku }) => shardOf(sku) === number)
  let units = 0
  for (const { sku, location } of levels) {
    const outcome = await postgres.submit({ kind: "close_allotment", sku, location, epoch })
    if (outcome.outcome === "closed") units += outcome.units
  }
  return units
}

/** Everything that the shard still has, in the stream or not. */
export async function drain(shard: Shard, persister: Persister): Promise<number> {
  let persisted = 0
  let cursor = "0"
  do {
    const reply = (await shard.send(
      shard.keys.grants,
      "HSCAN",
      shard.keys.grants,
      cursor,
      "COUNT",
      String(DRAIN_MAX),
    )) as [string, string[]]
    cursor = reply[0]
    // Looked at again, together with the epoch: somebody else may have begun the next one meanwhile.
    const { epoch, grants } = await shard.peek(inPairs(reply[1]).map(([id]) => id))
    if (epoch === null) return persisted
    // What cannot be persisted is lost, and recorded so by whoever acknowledged it.
    persisted += (await persister.persistEach(shard, { epoch, grants })).persisted
  } while (cursor !== "0")
  return persisted
}
