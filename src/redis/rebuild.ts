/**
 * Begins a shard's next epoch: fence it, wait until nobody believes in the old one, persist what Redis still has, take all
 * allotments back, and only then let it grant again, empty. Whatever Redis has lost, or made up from a copy, is without
 * effect from then on. Every step may be repeated, by anybody, from the beginning.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Grant } from "../core/allotments.ts"
import type { AllotmentStore, ShardRecord } from "../engine/allotment-store.ts"
import type { Strategy } from "../engine/ports.ts"
import { parseGrant } from "./grants.ts"
import { FENCE_MS, type HotStock } from "./hot-stock.ts"
import { shardOf } from "./keys.ts"
import type { Failure, Persister } from "./persister.ts"
import { inPairs, type Shard, type StoredGrant } from "./shard.ts"

/** Grants persisted in one transaction. */
const DRAIN_MAX = 500

export interface RebuildParts {
  readonly store: AllotmentStore
  readonly postgres: Strategy
  readonly hot: HotStock
  readonly persister: Persister
  /** Why the server of that shard must not grant, if it must not. */
  readonly refusalOf: (shard: Shard) => Promise<string | null>
}

export interface Rebuilt {
  readonly epoch: number
  readonly persisted: number
  readonly unitsTakenBack: number
}

/**
 * @param shard null when Redis is given up for now: its units are sold by Postgres until it is back
 * @param force also when nothing is wrong with it
 * @returns null when somebody else is at it, or was quicker
 */
export async function rebuildShard(
  parts: RebuildParts,
  number: number,
  shard: Shard | null,
  { force = false } = {},
): Promise<Rebuilt | null> {
  let rebuilt: Rebuilt | null = null
  await parts.store.alone(number, async () => {
    rebuilt = await rebuildAlone(parts, number, shard, force)
  })
  return rebuilt
}

/** Null: nothing is to be done any more, or somebody else was quicker. */
async function rebuildAlone(
  { store, postgres, hot, persister, refusalOf }: RebuildParts,
  number: number,
  shard: Shard | null,
  force: boolean,
): Promise<Rebuilt | null> {
  // Not what is believed, which others may have changed since: what is.
  const before = await recordOf(store, number)
  if (!force && before.state === "open" && shard && (await shard.status(before.epoch)).isOpen) return null
  await store.fence(number, before.epoch)
  const fenced = await recordOf(store, number)
  if (fenced.state !== "fenced" || fenced.epoch !== before.epoch) return null
  // Redis may have seen later epochs than Postgres, if that was restored from a backup: go on after them.
  const last = Math.max(before.epoch, (await shard?.peek([]))?.epoch ?? 0)
  if (shard && !(await shard.fence(last))) return null
  // By our own clock, from when it was fenced: every lease is over. The first epoch follows none to believe in.
  if (last > 0) await pause(FENCE_MS)
  const persisted = shard ? await drainToTheEnd(persister, shard) : 0
  const epoch = last + 1
  if (!(await store.beginEpoch(number, { from: before.epoch, to: epoch }))) return null
  const unitsTakenBack = await closeAllotments({ store, postgres }, number, epoch)
  const mayOpen = shard && (await refusalOf(shard)) === null
  if (mayOpen && (await shard.open(epoch))) await store.open(number, epoch)
  await hot.refresh()
  return { epoch, persisted, unitsTakenBack }
}

async function recordOf(store: AllotmentStore, number: number): Promise<ShardRecord> {
  const { shards } = await store.hotState()
  const record = shards.find(({ shard }) => shard === number)
  return record ?? { shard: number, epoch: 0, state: "fenced", sinceMs: 0, unseenMs: 0 }
}

async function closeAllotments(
  { store, postgres }: Pick<RebuildParts, "store" | "postgres">,
  number: number,
  epoch: number,
): Promise<number> {
  const levels = (await store.hotState()).levels.filter(({ sku }) => shardOf(sku) === number)
  let units = 0
  for (const { sku, location } of levels) {
    const outcome = await postgres.submit({ kind: "close_allotment", sku, location, epoch })
    if (outcome.outcome === "closed") units += outcome.units
  }
  return units
}

/** Everything that the shard still has, in the stream or not. */
export async function drain(shard: Shard, persister: Persister): Promise<Drained> {
  let persisted = 0
  let epochSeen = 0
  const failures: Failure[] = []
  let cursor = "0"
  do {
    const command = ["HSCAN", shard.keys.grants, cursor, "COUNT", String(DRAIN_MAX)]
    const reply = (await shard.send(shard.keys.grants, ...command)) as [string, string[]]
    cursor = reply[0]
    // Looked at again, together with the epoch: somebody else may have begun the next one meanwhile.
    const { epoch, grants } = await shard.peek(inPairs(reply[1]).map(([id]) => id))
    if (epoch === null) break
    epochSeen = epoch
    const result = await persister.persistEach(shard, { epoch, grants })
    persisted += result.persisted
    failures.push(...result.failures)
  } while (cursor !== "0")
  return { persisted, epoch: epochSeen, failures }
}

interface Drained {
  readonly persisted: number
  readonly epoch: number
  readonly failures: readonly Failure[]
}

/** What cannot be persisted goes with the epoch. */
async function drainToTheEnd(persister: Persister, shard: Shard): Promise<number> {
  const { persisted, epoch, failures } = await drain(shard, persister)
  const lost = failures.flatMap(readable)
  if (lost.length > 0) await persister.giveUp(epoch, lost)
  return persisted
}

function readable({ id, stored }: StoredGrant): Grant[] {
  try {
    return [parseGrant(id, stored)]
  } catch {
    return []
  }
}
