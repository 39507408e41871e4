/**
 * Which entries come next: those with higher positions than have been told, and those that were missed before. Positions are
 * taken under the locks of the levels, so that in their order each level's versions rise. Who takes one may commit later
 * than who takes the next; its position is then missing for a while, and is looked for again until no transaction is left
 * that could have taken it. So nobody waits for anybody who writes.
 */
import { type FeedPlace, LOOK_BACK } from "../../engine/feed-store.ts"
import { milliseconds } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

type Row = Record<string, unknown>

export interface EntryRow {
  readonly position: number
  readonly mark: string
  readonly writtenAtMs: number
  readonly period: number
  readonly levelIds: readonly number[]
  readonly firstVersions: readonly number[]
  readonly lastVersions: readonly number[]
  readonly revokedIds: readonly string[]
}

/** What a place is checked against, read before the entries. */
export interface FeedState {
  readonly markFound: string | null
  /** Entries up to here were dropped. */
  readonly droppedThrough: number
  /** All transactions before it have ended. */
  readonly oldestXid: string
}

/** Of an entry, to the microsecond. */
const MARK = (entry: string) => `floor(extract(epoch from ${entry}.written_at) * 1000000)::bigint::text`

const readState = defineStatement<[position: number]>(
  "read_feed_state",
  `select pg_snapshot_xmin(pg_current_snapshot())::text as oldest_xid,
     (select ${MARK("m")} from earmark.feed m where m.position = $1::bigint) as mark_found,
     coalesce((select max(p.feed_through) from earmark.periods p), 0) as dropped_through`,
)

/**
 * The id that the next transaction gets: `age` counts up to it, as it was when a transaction first asked. So it is asked for
 * once in a round trip, after what may have been missed.
 */
const readHorizon = defineStatement<[]>(
  "read_feed_horizon",
  `select (pg_snapshot_xmax(n.snapshot)::text::bigint + age(pg_snapshot_xmax(n.snapshot)::xid))::text as horizon_xid
   from (select pg_current_snapshot() as snapshot) n`,
)

/** `rowsMax`: no more than so many changes, but one entry. */
const readEntries = defineStatement<[position: number, gapFirsts: string, gapLasts: string, rowsMax: number]>(
  "read_feed_entries",
  `select f.position, ${MARK("f")} as mark, ${milliseconds("f.written_at")} as written_at_ms, f.period,
     f.stock_level_ids::text as stock_level_ids, f.first_versions::text as first_versions,
     f.last_versions::text as last_versions, f.revoked_ids::text as revoked_ids, f.found
   from (
     select e.*, sum(e.rows) over (order by e.position) - e.rows as rows_before, count(*) over () as found
     from (
       (select e.*
        from unnest($2::bigint[], $3::bigint[]) as g(first, last)
        cross join lateral (
          select * from earmark.feed where position between g.first and g.last order by position limit $4::int
        ) e)
       union all
       (select e.* from earmark.feed e where e.position > $1::bigint order by e.position limit $4::int)
       order by position
       limit $4::int
     ) e
   ) f
   where f.rows_before < $4::int
   order by f.position`,
)

/** What is missed begins where looking back ends: the first position of all may be the one that is under way. */
const readNow = defineStatement<[]>(
  "read_feed_now",
  `select n.position, ${MARK("n")} as mark,
     (select coalesce(json_agg(json_build_array(g.position + 1, g.next - 1)), '[]')::text
      from (
        select b.position, lead(b.position) over (order by b.position) as next
        from (
          select greatest(n.position - ${LOOK_BACK}, coalesce((select max(p.feed_through) from earmark.periods p), 0))
            as position
          union all
          select f.position from earmark.feed f where f.position > n.position - ${LOOK_BACK}
        ) b
      ) g
      where g.next > g.position + 1) as missed
   from (select * from earmark.feed where position > 0 order by position desc limit 1) n`,
)

export function stateStatement(schema: string, position: number): Statement {
  return readState(schema, position)
}

export function entriesStatement(schema: string, { position, gaps }: FeedPlace, rowsMax: number): Statement {
  const ranges = gaps.flatMap((missed) => missed.ranges)
  const firsts = arrayOf(ranges.map(([first]) => first))
  return readEntries(schema, position, firsts, arrayOf(ranges.map(([, last]) => last)), rowsMax)
}

export function horizonStatement(schema: string): Statement {
  return readHorizon(schema)
}

const readLag = defineStatement<[position: number]>(
  "read_feed_lag",
  `select extract(epoch from clock_timestamp() - f.written_at)::float8 as seconds
   from earmark.feed f
   where f.position > $1::bigint
   order by f.position
   limit 1`,
)

export function lagStatement(schema: string, { position }: FeedPlace): Statement {
  return readLag(schema, position)
}

export function nowStatement(schema: string): Statement {
  return readNow(schema)
}

export function toFeedState(row: Row): FeedState {
  return {
    markFound: row["mark_found"] === null ? null : String(row["mark_found"]),
    droppedThrough: Number(row["dropped_through"]),
    oldestXid: String(row["oldest_xid"]),
  }
}

/** @param row what `nowStatement` found; undefined when there is nothing in the feed */
export function toNow(row: Row | undefined, horizonXid: string): FeedPlace {
  const ranges = JSON.parse(String(row?.["missed"] ?? "[]")) as [number, number][]
  const gaps = ranges.length === 0 ? [] : [{ horizonXid, ranges }]
  const position = Number(row?.["position"] ?? 0)
  return { position, mark: row ? String(row["mark"]) : null, partial: null, gaps }
}

export function toEntries(rows: readonly Row[]): EntryRow[] {
  return rows.map((row) => ({
    position: Number(row["position"]),
    mark: String(row["mark"]),
    writtenAtMs: Number(row["written_at_ms"]),
    period: Number(row["period"]),
    levelIds: elementsOf(row["stock_level_ids"]).map(Number),
    firstVersions: elementsOf(row["first_versions"]).map(Number),
    lastVersions: elementsOf(row["last_versions"]).map(Number),
    revokedIds: elementsOf(row["revoked_ids"]),
  }))
}

/** Of an array as Postgres writes it: `{1,2}`. */
function elementsOf(text: unknown): string[] {
  return String(text).slice(1, -1).split(",").filter(Boolean)
}
