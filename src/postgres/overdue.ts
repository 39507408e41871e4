/** Holds past their deadline: found by index, oldest first. */
import type { StockLevel } from "../core/model.ts"
import type { OverdueHold } from "../engine/ports.ts"
import type { Database } from "./database.ts"
import { read } from "./query.ts"
import { milliseconds } from "./rows.ts"
import { arrayOf, defineStatement } from "./statement.ts"
import type { Session } from "./transaction.ts"

/** Level by level: else the planner may walk through all that is overdue anywhere. */
const overdueOfLevels = defineStatement<[levelIds: string, nowMs: number, limit: number]>(
  "overdue_of_levels",
  `select h.reservation_id::text as id
   from unnest($1::int[]) as l(id)
   cross join lateral (
     select *
     from earmark.holds
     where stock_level_id = l.id
       and expires_at <= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
     order by expires_at
     limit $3
   ) h
   order by h.expires_at
   limit $3`,
)

/** The levels as they are now, and those that a sku has got since. */
const readVersions = defineStatement<[levelIds: string, skus: string[]]>(
  "read_versions",
  `select s.id, s.version
   from earmark.stock_levels s
   where s.id = any($1::int[])
   union all
   select s.id, s.version
   from earmark.stock_levels s
   where s.sku = any($2::text[]) and s.id <> all($1::int[])`,
)

/** Here and below the clock is read once, as a subquery: an index can be told to stop there. */
const overdueOfSkus = defineStatement<[skus: string[]]>(
  "overdue_of_skus",
  `select distinct h.reservation_id::text as id
   from earmark.holds h
   where h.stock_level_id = any(array(select s.id from earmark.stock_levels s where s.sku = any($1::text[])))
     and h.expires_at <= (select clock_timestamp())`,
)

const overdueAnywhere = defineStatement<[limit: number]>(
  "overdue_anywhere",
  `select h.reservation_id::text as id, ${milliseconds("h.expires_at")} as expires_at_ms,
     ${milliseconds("clock_timestamp()")} as now_ms
   from (
     select * from earmark.holds
     where expires_at <= (select clock_timestamp())
     order by expires_at
     limit $1
   ) h
   order by h.stock_level_id`,
)

export interface OverdueOfLevels {
  /** UUIDs of the holds, each once. */
  readonly ids: readonly string[]
  /** What was read is not what there is: a level has changed, or a sku has got another one. */
  readonly moved: boolean
}

export interface UnsettledLevels {
  readonly levels: readonly StockLevel[]
  /** Locked levels cannot change, and yet a sku may have got another level while the lock was waited for. */
  readonly locked: boolean
  /** Skus of which any level would do. */
  readonly anywhereSkus: readonly string[]
  readonly nowMs: number
  readonly limit: number
}

/** Holds on these levels whose deadline is at or before `nowMs`. */
export async function findOverdueOfLevels(
  session: Session,
  schema: string,
  { levels, locked, anywhereSkus, nowMs, limit }: UnsettledLevels,
): Promise<OverdueOfLevels> {
  const ids = arrayOf(levels.map(({ id }) => id))
  const overdue = overdueOfLevels(schema, ids, nowMs, limit)
  const compare = !locked || anywhereSkus.length > 0
  const [found, versions] = await session.run(
    compare ? [overdue, readVersions(schema, ids, [...anywhereSkus])] : [overdue],
  )
  const known = new Map(levels.map(({ id, version }) => [id, version]))
  const moved = versions?.rows.some((row) => known.get(Number(row["id"])) !== Number(row["version"]))
  return { ids: [...new Set((found?.rows ?? []).map((row) => String(row["id"])))], moved: moved ?? false }
}

/** UUIDs of all that are overdue on any level of these skus. */
export async function findOverdueOfSkus(
  session: Session,
  schema: string,
  skus: readonly string[],
): Promise<string[]> {
  const [result] = await session.run([overdueOfSkus(schema, [...skus])])
  return (result?.rows ?? []).map((row) => String(row["id"]))
}

/**
 * The longest overdue, those of one level together, so that ending them shares the level's update. Sweepers that run at
 * once begin at different ones, so that they seldom meet.
 */
export async function findOverdue(database: Database, limit: number): Promise<OverdueHold[]> {
  const holds = new Map<string, OverdueHold>()
  const rows = await read(database, overdueAnywhere(database.schema, limit))
  const from = Math.floor(Math.random() * rows.length)
  for (const row of [...rows.slice(from), ...rows.slice(0, from)]) {
    const id = String(row["id"])
    const overdueMs = Number(row["now_ms"]) - Number(row["expires_at_ms"])
    holds.set(id, { id, overdueMs, lines: (holds.get(id)?.lines ?? 0) + 1 })
  }
  return [...holds.values()]
}
