/** Holds past their deadline: found by index, oldest first. */
import type { StockLevel } from "../core/model.ts"
import type { OverdueHold } from "../engine/ports.ts"
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

const readVersions = defineStatement<[levelIds: string]>(
  "read_versions",
  `select s.id, s.version
   from earmark.stock_levels s
   where s.id = any($1::int[])`,
)

const overdueOfSkus = defineStatement<[skus: string[], limit: number]>(
  "overdue_of_skus",
  `select l.reservation_id::text as id, ${milliseconds("l.held_until")} as held_until_ms,
     ${milliseconds("clock_timestamp()")} as now_ms
   from earmark.reservation_lines l
   where l.stock_level_id = any(array(select s.id from earmark.stock_levels s where s.sku = any($1::text[])))
     and l.held_until <= clock_timestamp()
   order by l.held_until
   limit $2`,
)

const overdueOfLevel = defineStatement<[sku: string, location: string, limit: number]>(
  "overdue_of_level",
  `select l.reservation_id::text as id, ${milliseconds("l.held_until")} as held_until_ms,
     ${milliseconds("clock_timestamp()")} as now_ms
   from earmark.reservation_lines l
   where l.stock_level_id = (select s.id from earmark.stock_levels s where s.sku = $1 and s.location = $2)
     and l.held_until <= clock_timestamp()
   order by l.held_until
   limit $3`,
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
  /** A level that is not locked has changed since it was read, so a hold may have ended in between. */
  readonly moved: boolean
}

/** Holds on these levels whose deadline is at or before `nowMs`. */
export async function findOverdueOfLevels(
  session: Session,
  schema: string,
  query: { levels: readonly StockLevel[]; locked: boolean; nowMs: number; limit: number },
): Promise<OverdueOfLevels> {
  const { levels, locked, nowMs, limit } = query
  const ids = arrayOf(levels.map(({ id }) => id))
  const overdue = overdueOfLevels(schema, ids, nowMs, limit)
  const [found, versions] = await session.run(locked ? [overdue] : [overdue, readVersions(schema, ids)])
  const now = new Map(versions?.rows.map((row) => [Number(row["id"]), Number(row["version"])]))
  return {
    ids: [...new Set((found?.rows ?? []).map((row) => String(row["id"])))],
    moved: !locked && levels.some(({ id, version }) => now.get(id) !== version),
  }
}

export async function findOverdueOfSkus(
  session: Session,
  schema: string,
  query: { skus: readonly string[]; limit: number },
): Promise<OverdueHold[]> {
  const [result] = await session.run([overdueOfSkus(schema, [...query.skus], query.limit)])
  return toOverdueHolds(result?.rows ?? [])
}

export async function findOverdueOfLevel(
  session: Session,
  schema: string,
  query: { sku: string; location: string; limit: number },
): Promise<OverdueHold[]> {
  const [result] = await session.run([overdueOfLevel(schema, query.sku, query.location, query.limit)])
  return toOverdueHolds(result?.rows ?? [])
}

export async function findOverdue(session: Session, schema: string, limit: number): Promise<OverdueHold[]> {
  const [result] = await session.run([overdueAnywhere(schema, limit)])
  return toOverdueHolds(result?.rows ?? [])
}

function toOverdueHolds(rows: readonly Record<string, unknown>[]): OverdueHold[] {
  const holds = new Map<string, OverdueHold>()
  for (const row of rows) {
    const id = String(row["id"])
    if (!holds.has(id)) holds.set(id, { id, overdueMs: Number(row["now_ms"]) - Number(row["held_until_ms"]) })
  }
  return [...holds.values()]
}
