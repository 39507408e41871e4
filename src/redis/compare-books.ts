/**
 * The law that spans both systems: what is allotted of a stock level to Redis is what Redis has of it, free, granted and
 * not persisted, or on the way. Both are read as they were at one instant, beside whatever is being sold: nothing that
 * Postgres has of a shard was changed from before Redis was read until after it.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { AllotmentBooks, AllottedLevel, ReadAllotmentBooks } from "../engine/allotment-books.ts"
import { unitsOf } from "./grants.ts"
import { SHARDS, shardOf } from "./keys.ts"
import { isAway, type RedisServer } from "./server.ts"
import { CLOSED, type LevelInShard, Shard, type ShardBooks, type StoredGrant } from "./shard.ts"

/** Told at once: some MB, and some ms of a server that does nothing else meanwhile. */
const GRANTS_MAX = 20_000
/** Both hold still for some ms between two batches of a worker: one of so many looks falls into such a moment. */
const LOOKS_MAX = 100
const LOOK_PAUSE_MS = 20

export type Disagreement = Readonly<Record<string, string | number>>

/** @returns what disagrees, or cannot be compared, and of which shard and level */
export async function compareBooks(
  server: RedisServer,
  space: string,
  read: ReadAllotmentBooks,
): Promise<readonly Disagreement[]> {
  const shards = Array.from({ length: SHARDS }, (_, number) => new Shard(server, space, number))
  const found = await Promise.all(
    shards.map((shard) =>
      compareShard(shard, read).catch((error: unknown) => {
        if (!isAway(error)) throw error
        return [{ shard: shard.number, problem: "Redis does not answer" }]
      }),
    ),
  )
  return found.flat()
}

async function compareShard(shard: Shard, read: ReadAllotmentBooks): Promise<readonly Disagreement[]> {
  const { number } = shard
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const before = ofShard(await read([]), number)
    // What a shard has that is fenced is void: nobody grants from it, and Postgres takes it back.
    if (before.record?.state !== "open") return []
    const there = await shard.books(before.record.epoch, GRANTS_MAX)
    const ids = there === CLOSED ? [] : (there.books?.grants ?? []).map(({ id }) => id)
    const books = await read(ids)
    const after = ofShard(books, number)
    if (JSON.stringify(before) === JSON.stringify(after)) {
      return compare({ number, epoch: before.record.epoch, levels: after.levels }, there, books.drawn)
    }
    await pause(LOOK_PAUSE_MS)
  }
  return [{ shard: number, problem: "it changed all the while: verify again when less is sold" }]
}

function ofShard({ shards, levels }: AllotmentBooks, number: number) {
  return {
    record: shards.find(({ shard }) => shard === number),
    levels: levels
      .filter(({ sku }) => shardOf(sku) === number)
      .toSorted((one, other) => one.levelId - other.levelId),
  }
}

interface ShardInPostgres {
  readonly number: number
  readonly epoch: number
  readonly levels: readonly AllottedLevel[]
}

function compare(
  { number, epoch, levels }: ShardInPostgres,
  there: ShardBooks | typeof CLOSED,
  drawn: ReadonlySet<string>,
): readonly Disagreement[] {
  if (there === CLOSED) {
    return [{ shard: number, epoch, problem: "it lost something: a worker begins its next epoch" }]
  }
  if (there.books === null) {
    const problem = "too much is not persisted yet to be compared: earmark redis drain"
    return [{ shard: number, epoch, grants: there.liveGrants, problem }]
  }
  const { granted, unreadable } = unitsGranted(there.books.grants.filter(({ id }) => !drawn.has(id)))
  const inPostgres = new Map(levels.map((level) => [level.levelId, level]))
  const inRedis = new Map(there.books.levels.map((level) => [level.levelId, level]))
  const levelIds = new Set([...inPostgres.keys(), ...inRedis.keys(), ...granted.keys()])
  const disagreeing = [...levelIds].flatMap((levelId) => {
    const allotted = inPostgres.get(levelId)
    const level = inRedis.get(levelId) ?? { levelId, free: 0, allottedTotal: 0, returnedTotal: 0 }
    return compareLevel({ epoch, allotted, level, granted: granted.get(levelId) ?? 0 })
  })
  return [
    ...disagreeing.map((row) => ({ shard: number, ...row })),
    ...unreadable.map((grant) => ({ shard: number, grant, problem: "it cannot be read" })),
  ]
}

function compareLevel({
  epoch,
  allotted,
  level: { levelId, free, allottedTotal, returnedTotal },
  granted,
}: {
  readonly epoch: number
  readonly allotted: AllottedLevel | undefined
  readonly level: LevelInShard
  readonly granted: number
}): readonly Disagreement[] {
  // What was allotted in an epoch that is over is not the shard's any more.
  const here = allotted?.epoch === epoch ? allotted : { units: 0, allottedTotal: 0, returnedTotal: 0 }
  const onTheWayThere = here.allottedTotal - allottedTotal
  const onTheWayBack = returnedTotal - here.returnedTotal
  const has = free + granted + onTheWayThere + onTheWayBack
  if (has === here.units && Math.min(free, onTheWayThere, onTheWayBack) >= 0) return []
  const name = allotted ? { sku: allotted.sku, location: allotted.location } : { stockLevelId: levelId }
  return [{ epoch, ...name, allotted: here.units, free, granted, onTheWayThere, onTheWayBack }]
}

function unitsGranted(grants: readonly StoredGrant[]) {
  const granted = new Map<number, number>()
  const unreadable: string[] = []
  for (const { id, stored } of grants) {
    try {
      for (const [levelId, units] of unitsOf(id, stored)) {
        granted.set(levelId, (granted.get(levelId) ?? 0) + units)
      }
    } catch {
      unreadable.push(id)
    }
  }
  return { granted, unreadable }
}
