/**
 * From a moment to a place in the journal of a level. There is no index by time, and none is needed: of each level the
 * times rise with the versions, and these have no gaps, so a moment is found by halving, in some twenty looks.
 */
import type { Database } from "../../database.ts"
import { read } from "../../query.ts"
import { moment } from "../../rows.ts"
import { arrayOf, defineStatement } from "../../statement.ts"

/** The versions `low <= version < high` of a level. */
export interface VersionRange {
  readonly levelId: number
  readonly low: number
  readonly high: number
}

export interface SoughtMoment extends VersionRange {
  readonly atMs: number
}

const readVersionsAt = defineStatement<[levels: string, lows: string, highs: string, momentsMs: string]>(
  "read_journal_versions_at",
  `with recursive narrowed as (
     select w.place, w.level, ${moment("w.at_ms")} as at, w.low, w.high
     from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[])
       with ordinality as w(level, low, high, at_ms, place)
     union all
     select n.place, n.level, n.at, case when j.occurred_at >= n.at then n.low else n.middle + 1 end,
       case when j.occurred_at >= n.at then n.middle else n.high end
     from (select *, (low + high) / 2 as middle from narrowed where low < high) n
     left join lateral (
       select occurred_at from earmark.journal where stock_level_id = n.level and version = n.middle limit 1
     ) j on true
   )
   select place, max(low) as version from narrowed group by place order by place`,
)

/** Of each, the first version that was written at that moment or later; `high` when there is none. What was dropped came before. */
export async function versionsAt(database: Database, sought: readonly SoughtMoment[]): Promise<number[]> {
  if (sought.length === 0) return []
  const statement = readVersionsAt(
    database.schema,
    arrayOf(sought.map(({ levelId }) => levelId)),
    arrayOf(sought.map(({ low }) => low)),
    arrayOf(sought.map(({ high }) => high)),
    arrayOf(sought.map(({ atMs }) => atMs)),
  )
  return (await read(database, statement)).map((row) => Number(row["version"]))
}
