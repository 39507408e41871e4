/** What the Redis hot path reads from Postgres, and the few things that it writes outside of commands. */
import { randomUUID } from "node:crypto"
import type { AllotmentStore, HotLevel, HotState, ShardRecord } from "../engine/allotment-store.ts"
import type { Database } from "./database.ts"
import { read, write } from "./query.ts"
import { toAllotment } from "./reads/allotments.ts"
import { milliseconds } from "./rows.ts"
import { arrayOf, defineStatement } from "./statement.ts"

/**
 * For so long a shard is its rebuilder's alone, unless that one is done earlier. Two at once would do the same work twice,
 * up to the beginning of the epoch, which one of them loses.
 */
const CLAIM_SECONDS = 15

const claimShard = defineStatement<[shard: number, owner: string]>(
  "claim_redis_shard",
  `insert into earmark.redis_shards as r (shard, epoch, state, changed_at, claimed_by, claimed_until)
   values ($1::int, 0, 'fenced', clock_timestamp(), $2::uuid, clock_timestamp() + interval '${CLAIM_SECONDS} seconds')
   on conflict (shard) do update
   set claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
   where r.claimed_until is null or r.claimed_until <= clock_timestamp() or r.claimed_by = $2::uuid
   returning r.shard`,
)

const releaseShard = defineStatement<[shard: number, owner: string]>(
  "release_redis_shard",
  `update earmark.redis_shards set claimed_until = null
   where shard = $1::int and claimed_by = $2::uuid`,
)

const readHotLevels = defineStatement<[]>(
  "read_hot_levels",
  `select s.id, s.sku, s.location, p.priority, h.target, s.on_hand - s.held - s.safety_stock as available,
     ${milliseconds("clock_timestamp()")} - ${milliseconds("h.changed_at")} as hot_ms,
     coalesce(a.epoch, 0) as epoch, coalesce(a.units, 0) as units,
     coalesce(a.allotted_total, 0) as allotted_total, coalesce(a.returned_total, 0) as returned_total
   from earmark.hot_items h
   cross join lateral (select * from earmark.stock_levels where sku = h.sku offset 0) s
   cross join lateral (select priority from earmark.locations where code = s.location limit 1) p
   left join lateral (select * from earmark.allotments where stock_level_id = s.id limit 1) a on true
   where h.target > 0 or a.units > 0
   order by s.sku, p.priority, s.location`,
)

const readShards = defineStatement<[]>(
  "read_redis_shards",
  `select r.shard, r.epoch, r.state, ${milliseconds("clock_timestamp()")} - ${milliseconds("r.changed_at")} as since_ms,
     ${milliseconds("clock_timestamp()")} - ${milliseconds("r.seen_at")} as unseen_ms
   from earmark.redis_shards r`,
)

const readSpace = defineStatement<[]>("read_redis_space", "select space from earmark.redis_space")

const noteSeen = defineStatement<[shards: string]>(
  "note_redis_shards_seen",
  "update earmark.redis_shards set seen_at = clock_timestamp() where shard = any($1::int[])",
)

const fenceShard = defineStatement<[shard: number, epoch: number]>(
  "fence_redis_shard",
  `update earmark.redis_shards
   set state = 'fenced', changed_at = clock_timestamp()
   where shard = $1::int and state = 'open' and epoch = $2::int`,
)

/** Asked again after a lost answer, it finds what it has done. */
const beginEpoch = defineStatement<[shard: number, from: number, to: number]>(
  "begin_redis_epoch",
  `update earmark.redis_shards
   set epoch = $3::int
   where shard = $1::int and state = 'fenced' and epoch in ($2::int, $3::int)
   returning shard`,
)

const openShard = defineStatement<[shard: number, epoch: number]>(
  "open_redis_shard",
  `update earmark.redis_shards
   set state = 'open', changed_at = clock_timestamp()
   where shard = $1::int and state = 'fenced' and epoch = $2::int`,
)

const readAllotted = defineStatement<[skus: string[]]>(
  "read_allotted",
  `select s.sku, a.*
   from (select id, sku from earmark.stock_levels where sku = any($1::text[]) offset 0) s
   cross join lateral (select * from earmark.allotments where stock_level_id = s.id limit 1) a`,
)

const readKeyOwners = defineStatement<[digests: string]>(
  "read_key_owners",
  `select k.digest::text as digest, k.reservation_id::text as id
   from earmark.idempotency_keys k
   where k.digest = any($1::uuid[])`,
)

const readRevocation = defineStatement<[id: string]>(
  "read_revocation",
  "select from earmark.revocations where id = $1::uuid",
)

export function createAllotmentStore(database: Database): AllotmentStore {
  const { schema } = database
  return {
    async space() {
      const [row] = await read(database, readSpace(schema))
      return `earmark-${String(row?.["space"])}`
    },
    hotState: () => readHotState(database),
    async saw(shards) {
      if (shards.length > 0) await write(database, noteSeen(schema, arrayOf(shards)))
    },
    async fence(shard, epoch) {
      await write(database, fenceShard(schema, shard, epoch))
    },
    async beginEpoch(shard, { from, to }) {
      return (await write(database, beginEpoch(schema, shard, from, to))).length > 0
    },
    async open(shard, epoch) {
      await write(database, openShard(schema, shard, epoch))
    },
    alone: (shard, work) => alone(database, shard, work),
    async allotted(skus) {
      const rows = await read(database, readAllotted(schema, [...skus]))
      const bySku = Map.groupBy(rows, (row) => String(row["sku"]))
      return new Map([...bySku].map(([sku, ofSku]) => [sku, ofSku.map(toAllotment)]))
    },
    async reservationsOfKeys(digests) {
      const rows = await read(database, readKeyOwners(schema, arrayOf(digests)))
      return new Map(rows.map((row) => [String(row["digest"]), String(row["id"])]))
    },
    async isRevoked(id) {
      return (await read(database, readRevocation(schema, id))).length > 0
    },
  }
}

/** Shards first: levels that are read later belong to that epoch or a later one. */
async function readHotState(database: Database): Promise<HotState> {
  const shards = await read(database, readShards(database.schema))
  const levels = await read(database, readHotLevels(database.schema))
  return { levels: levels.map(toHotLevel), shards: shards.map(toShardRecord) }
}

async function alone(database: Database, shard: number, work: () => Promise<void>): Promise<boolean> {
  const owner = randomUUID()
  const claimed = await write(database, claimShard(database.schema, shard, owner))
  if (claimed.length === 0) return false
  try {
    await work()
    return true
  } finally {
    // What is not released runs out by itself.
    await write(database, releaseShard(database.schema, shard, owner)).catch(() => {})
  }
}

function toHotLevel(row: Record<string, unknown>): HotLevel {
  const { levelId: _, ...allotted } = toAllotment(row)
  return {
    levelId: Number(row["id"]),
    sku: String(row["sku"]),
    location: String(row["location"]),
    priority: Number(row["priority"]),
    target: Number(row["target"]),
    hotMs: Number(row["hot_ms"]),
    available: Number(row["available"]),
    ...allotted,
  }
}

function toShardRecord(row: Record<string, unknown>): ShardRecord {
  return {
    shard: Number(row["shard"]),
    epoch: Number(row["epoch"]),
    state: row["state"] as ShardRecord["state"],
    sinceMs: Number(row["since_ms"]),
    unseenMs: Number(row["unseen_ms"]),
  }
}
