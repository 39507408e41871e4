/** Holds past their deadline: found by index, oldest first. */
import type { StockLevel } from "../core/model.ts"
import type { OverdueHold } from "../engine/ports.ts"
import type { Database } from "./database.ts"
import { read } from "./query.ts"
import { milliseconds } from "./rows.ts"
import { arrayOf, defineStatement } from "./statement.ts"
import type { Session } from "./transaction.ts"

const overdueOfLevels = defineStatement<[levelIds: string, nowMs: number, limit: number]>(
  "overdue_of_levels",
  `select l.reservation_id::text as id
   from earmark.reservation_lines l
   where l.stock_level_id = any($1::int[])
     and l.held_until <= timestamptz 'epoch' + $2::bigint * interval '1 millisecond'
   order by l.held_until
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

const overdueOfSkus = defineStatement<[skus: string[]]>(
  "overdue_of_skus",
  `select distinct l.reservation_id::text as id
   from earmark.reservation_lines l
   where l.stock_level_id = any(array(select s.id from earmark.stock_levels s where s.sku = any($1::text[])))
     and l.held_until <= clock_timestamp()`,
)

const overdueAnywhere = defineStatement<[limit: number]>(
  "overdue_anywhere",
  `select r.id::text as id, ${milliseconds("r.expires_at")} as held_until_ms,
     ${milliseconds("clock_timestamp()")} as now_ms
   from earmark.reservations r
   where r.state = 'held' and r.expires_at <= clock_timestamp()
   order by r.expires_at
   limit $1`,
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

/** In a flood, sweepers that run at once each take one part of the longest overdue, so that they seldom meet. */
const PARTS = 4

export async function findOverdue(database: Database, limit: number): Promise<OverdueHold[]> {
  const rows = await read(database, overdueAnywhere(database.schema, limit * PARTS))
  const flood = rows.length === limit * PARTS
  const from = flood ? Math.floor(Math.random() * PARTS) * limit : 0
  return rows.slice(from, from + limit).map((row) => ({
    id: String(row["id"]),
    overdueMs: Number(row["now_ms"]) - Number(row["held_until_ms"]),
  }))
}
