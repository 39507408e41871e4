/** How many units are held, for how long already and for how much longer: at a bounded cost, however many holds there are. */
import type { HoldsSummary, HoldsTotal } from "../../engine/views.ts"
import { type Reader, readFrom } from "../reader.ts"
import { defineStatement } from "../statement.ts"

type Row = Record<string, unknown>

/** From a glance to a day. */
const BOUNDS_SECONDS = [10, 60, 300, 900, 3600, 86_400] as const
/** Of the table, with some 120 holds on each: reading them takes about 50 ms. */
const PAGES_MAX = 500
/** So many are counted one by one, in the order of their deadlines: some 10 ms. */
const FEW_MAX = 10_000
/** Overdue holds that are counted; a sweeper that is well never has so many. */
const OVERDUE_MAX = 10_000

const SECONDS = `interval '1 second'`

/**
 * A table with more pages is sampled: always the same pages, so that the numbers do not jump from one look to the next. But where
 * few are left after a rush, they lie on a few of its pages, of which a sample has all or none: these are counted. How old a hold is
 * its reservation's id says, which begins with the time.
 */
const summarizeHolds = defineStatement<[]>(
  "summarize_holds",
  `with clock as materialized (select clock_timestamp() as now),
   pages as materialized (
     select least(100, 100.0 * ${PAGES_MAX} * 8192 / greatest(pg_relation_size('earmark.holds'), 1))::float4 as percent
   ),
   few as materialized (
     select h.expires_at, h.reservation_id, h.quantity
     from earmark.holds h
     where (select percent from pages) < 100 and h.expires_at > (select now from clock)
     order by h.expires_at
     limit ${FEW_MAX + 1}
   ),
   share as materialized (
     select f.is_few, case when f.is_few then 100 else p.percent end as percent
     from pages p
     cross join (select count(*) <= ${FEW_MAX} and (select percent from pages) < 100 as is_few from few) f
   ),
   looked_at as (
     select expires_at, reservation_id, quantity from few
     where (select is_few from share)
     union all
     select h.expires_at, h.reservation_id, h.quantity
     from earmark.holds h tablesample system ((select percent from pages)) repeatable (0)
     where not (select is_few from share) and h.expires_at > (select now from clock)
   ),
   counted as (
     select
       ${BOUNDS_SECONDS.length} - width_bucket(h.reservation_id, (
         select array_agg(earmark.first_uuid(c.now - b * ${SECONDS}) order by b desc)
         from clock c, unnest('{${BOUNDS_SECONDS}}'::int[]) b
       )) as age,
       width_bucket(h.expires_at, (
         select array_agg(c.now + b * ${SECONDS} order by b)
         from clock c, unnest('{${BOUNDS_SECONDS}}'::int[]) b
       )) as time_left,
       count(*) as holds, sum(h.quantity) as units
     from looked_at h
     group by 1, 2
   ),
   overdue as (
     select count(*) as holds, min(o.expires_at) as since
     from (
       select expires_at from earmark.holds
       where expires_at <= (select now from clock)
       order by expires_at
       limit ${OVERDUE_MAX + 1}
     ) o
   )
   select c.age, c.time_left, c.holds, c.units, s.percent, o.holds as overdue,
     date_part('epoch', (select now from clock) - o.since) as lag_seconds
   from share s
   cross join overdue o
   left join counted c on true`,
)

export async function readHoldsSummary(reader: Reader): Promise<HoldsSummary> {
  const rows = await readFrom(reader, summarizeHolds(reader.schema))
  const [any = {}] = rows
  const percent = Number(any["percent"])
  const overdue = Number(any["overdue"])
  const totalOf = (counted: readonly Row[]): HoldsTotal => ({
    holds: Math.round((sumOf(counted, "holds") * 100) / percent),
    units: Math.round((sumOf(counted, "units") * 100) / percent),
  })
  const counted = rows.filter((row) => row["holds"] !== null)
  const inBuckets = (name: string) =>
    [...BOUNDS_SECONDS, null].map((_, bucket) =>
      totalOf(counted.filter((row) => Number(row[name]) === bucket)),
    )
  return {
    ...totalOf(counted),
    isEstimate: percent < 100,
    boundsSeconds: BOUNDS_SECONDS,
    byAge: inBuckets("age"),
    byTimeLeft: inBuckets("time_left"),
    overdue: {
      holds: Math.min(overdue, OVERDUE_MAX),
      isMore: overdue > OVERDUE_MAX,
      lagSeconds: Number(any["lag_seconds"] ?? 0),
    },
  }
}

function sumOf(rows: readonly Row[], name: string): number {
  return rows.reduce((sum, row) => sum + Number(row[name]), 0)
}
