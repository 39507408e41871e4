/**
 * The laws: what must hold in any committed state, as SQL over one snapshot. A row that a law's query returns breaks it.
 * They share no code with the engine, and rebuild every balance from the journal alone.
 */
import type pg from "pg"
import { inSchema } from "./statement.ts"

export interface LawReport {
  readonly id: string
  readonly law: string
  readonly holds: boolean
  /** The first rows that break it. */
  readonly rows: readonly Record<string, unknown>[]
}

export interface VerifyOptions {
  readonly schema: string
  /** When given, no hold may be overdue by more than this: only fair when a worker runs and nothing else is wrong. */
  readonly overdueSecondsMax?: number
  /** Called before each law: how many are done, how many there are. */
  readonly progress?: (done: number, all: number) => void
}

interface Law {
  readonly id: string
  readonly law: string
  readonly sql: string
}

/** Rows shown of each broken law. */
const ROWS_MAX = 20

/** The lines of every reservation, one a row. */
const LINES = `(
        select r.id as reservation_id, r.state, r.expires_at, l.stock_level_id, l.quantity
        from earmark.reservations r
        cross join lateral unnest(r.stock_level_ids, r.quantities) as l(stock_level_id, quantity)
      )`

/** Reservations from this id on are kept; what the journal still tells of earlier ones has nothing to agree with. */
const FIRST_KEPT = `(
        select coalesce(earmark.first_uuid(max(ends_at)), '00000000-0000-0000-0000-000000000000')
        from earmark.periods where reservations_dropped_at is not null
      )`

export const LAWS: readonly Law[] = [
  {
    id: "levels-in-bounds",
    law: "0 <= held <= onHand on every stock level and in every journal row; quantities are positive",
    sql: `
      select 'stock_levels' as "table", id as stock_level_id, on_hand, held, null::bigint as version
      from earmark.stock_levels where not (0 <= held and held <= on_hand)
      union all
      select 'journal', stock_level_id, on_hand, held, version
      from earmark.journal where not (0 <= held and held <= on_hand)
      union all
      select 'reservations', stock_level_id, quantity, 0, null
      from ${LINES} l where quantity <= 0`,
  },
  {
    id: "levels-equal-journal",
    law: "onHand and held of a level are the sums of its journal, and its safety stock is the last one written there",
    sql: `
      select s.id as stock_level_id, s.sku, s.location, s.on_hand, j.on_hand as on_hand_sum, s.held, j.held as held_sum,
        s.safety_stock, j.safety_stock as safety_stock_last
      from earmark.stock_levels s
      left join (
        select stock_level_id, sum(on_hand_delta) as on_hand, sum(held_delta) as held,
          (array_agg(safety_stock order by version desc))[1] as safety_stock
        from (
          select stock_level_id, on_hand_delta, held_delta, safety_stock, version from earmark.journal
          union all
          select stock_level_id, on_hand, held, safety_stock, version from earmark.carried_over
        ) entries
        group by stock_level_id
      ) j on j.stock_level_id = s.id
      where (s.on_hand, s.held, s.safety_stock)
        is distinct from (coalesce(j.on_hand, 0), coalesce(j.held, 0), coalesce(j.safety_stock, 0))`,
  },
  {
    id: "held-equals-holds",
    law: "held of a level is the recount of the lines of reservations in state held, and what is allotted to Redis",
    sql: `
      select s.id as stock_level_id, s.sku, s.location, s.held, coalesce(h.units, 0) as recounted,
        coalesce(a.units, 0) as allotted
      from earmark.stock_levels s
      left join earmark.allotments a on a.stock_level_id = s.id
      left join (
        select l.stock_level_id, sum(l.quantity) as units
        from ${LINES} l
        where l.state = 'held' group by l.stock_level_id
      ) h on h.stock_level_id = s.id
      where s.held <> coalesce(h.units, 0) + coalesce(a.units, 0)`,
  },
  {
    id: "allotments-in-journal",
    law: "what is allotted of a level is what its journal says was allotted, less what was drawn and given back",
    sql: `
      select s.id as stock_level_id, s.sku, s.location, coalesce(a.units, 0) as units, coalesce(j.units, 0) as journalled
      from earmark.stock_levels s
      left join earmark.allotments a on a.stock_level_id = s.id
      left join (
        select stock_level_id, sum(units) as units
        from (
          select stock_level_id, held_delta as units from earmark.journal
          where kind in ('allotted', 'drawn', 'given_back')
          union all
          select stock_level_id, allotted from earmark.carried_over
        ) entries
        group by stock_level_id
      ) j on j.stock_level_id = s.id
      where coalesce(a.units, 0) <> coalesce(j.units, 0)`,
  },
  {
    id: "one-end",
    law: "a reservation has at most one final transition, and it is the state that it is in",
    sql: `
      select r.id, r.state, f.ends, f.kinds
      from earmark.reservations r
      left join (
        select reservation_id, count(distinct kind) as ends, array_agg(distinct kind) as kinds
        from earmark.journal where kind in ('confirmed', 'released', 'expired') group by reservation_id
      ) f on f.reservation_id = r.id
      where (r.state = 'held' and f.ends is not null)
        or (r.state <> 'held' and (f.ends is distinct from 1 or f.kinds[1] <> r.state))`,
  },
  {
    id: "units-add-up",
    law: "per sku, what adjustments brought in is available + safety stock + held + sold",
    sql: `
      select s.sku, s.on_hand, a.brought_in, coalesce(c.sold, 0) as sold
      from (select sku, sum(on_hand) as on_hand from earmark.stock_levels group by sku) s
      left join (
        select s.sku, sum(a.delta) as brought_in
        from earmark.adjustments a join earmark.stock_levels s on s.id = a.stock_level_id group by s.sku
      ) a on a.sku = s.sku
      left join (
        select s.sku, sum(sales.quantity) as sold
        from (
          select stock_level_id, quantity from ${LINES} l where l.state = 'confirmed'
          union all
          select stock_level_id, sold from earmark.carried_over
        ) sales
        join earmark.stock_levels s on s.id = sales.stock_level_id
        group by s.sku
      ) c on c.sku = s.sku
      where coalesce(a.brought_in, 0) <> s.on_hand + coalesce(c.sold, 0)`,
  },
  {
    id: "versions-without-gap",
    law:
      "the versions of a level are 1, 2, 3 ... up to its own, period after period, and each balance is the one before " +
      "plus the change",
    sql: `
      select * from (
        select j.stock_level_id, j.version, coalesce(c.version, 0) + row_number() over w as expected_version,
          j.on_hand, coalesce(lag(j.on_hand) over w, c.on_hand, 0) + j.on_hand_delta as expected_on_hand,
          j.held, coalesce(lag(j.held) over w, c.held, 0) + j.held_delta as expected_held,
          j.period, lag(j.period) over w as period_before
        from earmark.journal j left join earmark.carried_over c on c.stock_level_id = j.stock_level_id
        window w as (partition by j.stock_level_id order by j.version)
      ) v
      where version <> expected_version or on_hand <> expected_on_hand or held <> expected_held
        or period < period_before
      union all
      select s.id, s.version, greatest(max(j.version), max(c.version), 0), null, null, null, null, null, null
      from earmark.stock_levels s
      left join earmark.journal j on j.stock_level_id = s.id
      left join earmark.carried_over c on c.stock_level_id = s.id
      group by s.id, s.version having s.version <> greatest(max(j.version), max(c.version), 0)`,
  },
  {
    id: "journal-in-feed",
    law: "the feed names every journal row once, and each level's versions in their order",
    sql: `
      with entries as (
        select f.position, f.period, f.rows, l.stock_level_id, l.first, l.last,
          lag(l.last) over (partition by l.stock_level_id order by f.position) as last_before
        from earmark.feed f
        cross join lateral unnest(f.stock_level_ids, f.first_versions, f.last_versions) as l(stock_level_id, first, last)
      )
      select 'not what comes next' as problem, e.stock_level_id, e.position, e.first,
        coalesce(e.last_before, c.version, 0) + 1 as expected
      from entries e left join earmark.carried_over c on c.stock_level_id = e.stock_level_id
      where e.first <> coalesce(e.last_before, c.version, 0) + 1 or e.last < e.first
      union all
      select 'not in the feed', s.id, null, max(e.last), s.version
      from earmark.stock_levels s
      left join entries e on e.stock_level_id = s.id
      left join earmark.carried_over c on c.stock_level_id = s.id
      group by s.id, s.version having coalesce(max(e.last), max(c.version), 0) <> s.version
      union all
      select 'rows', null, f.position, f.rows, sum(l.last - l.first + 1)
      from earmark.feed f
      cross join lateral unnest(f.first_versions, f.last_versions) as l(first, last)
      group by f.position, f.rows having f.rows <> sum(l.last - l.first + 1)`,
  },
  {
    id: "one-reservation-per-key",
    law: "an idempotency key has made at most one reservation, which is there, and at most one adjustment",
    sql: `
      select k.digest::text as key, count(*)
      from earmark.idempotency_keys k left join earmark.reservations r on r.id = k.reservation_id
      group by k.digest having count(*) > 1 or count(r.id) = 0
      union all
      select idempotency_key, count(*) from earmark.adjustments
      where idempotency_key is not null group by idempotency_key having count(*) > 1`,
  },
  {
    id: "transitions-in-journal",
    law: "every transition has one journal row a line, with the line's quantity, and no row lacks its transition",
    sql: `
      with expected as (
        select l.reservation_id, l.stock_level_id, k.kind, l.quantity
        from ${LINES} l
        cross join lateral (values ('held'), (nullif(l.state, 'held'))) as k(kind)
        where k.kind is not null
      ),
      written as (
        select reservation_id, stock_level_id, kind, abs(held_delta) as quantity
        from earmark.journal
        where kind in ('held', 'confirmed', 'released', 'expired') and reservation_id >= ${FIRST_KEPT}
      )
      (select 'not in the journal' as problem, * from (select * from expected except all select * from written) a)
      union all
      (select 'without a transition', * from (select * from written except all select * from expected) b)`,
  },
  {
    id: "adjustments-in-journal",
    law: "every adjustment has its one journal row, with its delta, and no such row lacks its adjustment",
    sql: `
      select a.id, a.delta, j.on_hand_delta, count(j.version) as rows
      from (
        select a.* from earmark.adjustments a
        left join earmark.carried_over c on c.stock_level_id = a.stock_level_id
        where a.version > coalesce(c.version, 0)
      ) a
      full join (select * from earmark.journal where kind = 'adjusted') j
        on j.adjustment_id = a.id and j.stock_level_id = a.stock_level_id and j.version = a.version
      group by a.id, a.delta, j.on_hand_delta
      having a.id is null or count(j.version) <> 1 or a.delta is distinct from j.on_hand_delta`,
  },
  {
    id: "lines-share-fate",
    law: "every line of a reservation that is held is a hold until its deadline, and there is no other hold",
    sql: `
      with lines as (
        select reservation_id, stock_level_id, expires_at, quantity from ${LINES} l where state = 'held'
      ),
      holds as (select reservation_id, stock_level_id, expires_at, quantity from earmark.holds)
      (select 'no hold' as problem, * from (select * from lines except all select * from holds) a)
      union all
      (select 'no line', * from (select * from holds except all select * from lines) b)`,
  },
  {
    id: "ends-on-time",
    law: "nothing was confirmed at or after the deadline, and nothing expired before it",
    sql: `
      select r.id, r.state, r.expires_at, j.kind, j.occurred_at
      from earmark.journal j join earmark.reservations r on r.id = j.reservation_id
      where (j.kind = 'confirmed' and j.occurred_at >= r.expires_at)
        or (j.kind = 'expired' and j.occurred_at < r.expires_at)`,
  },
]

/** Only fair when a worker runs: without one, holds stay overdue until somebody meets them. */
const OVERDUE_LAW = {
  id: "overdue-is-swept",
  law: "no hold is overdue by more than the time allowed",
  sql: `
    select id, expires_at from earmark.reservations
    where state = 'held' and expires_at < clock_timestamp() - $1::float8 * interval '1 second'`,
}

/** Checks every law over one and the same snapshot. Reads only, and takes as long as it takes. */
export async function verify(pool: pg.Pool, options: VerifyOptions): Promise<readonly LawReport[]> {
  const { schema, overdueSecondsMax, progress } = options
  const all = LAWS.length + (overdueSecondsMax === undefined ? 0 : 1)
  const client = await pool.connect()
  const reports: LawReport[] = []
  const check = async ({ id, law, sql }: Law, values: unknown[]) => {
    progress?.(reports.length, all)
    const text = `select * from (${inSchema(schema, sql)}) broken limit ${ROWS_MAX}`
    const { rows } = await client.query<Record<string, unknown>>(text, values)
    reports.push({ id, law, holds: rows.length === 0, rows })
  }
  try {
    await client.query("begin isolation level repeatable read read only")
    await client.query("set local statement_timeout = 0")
    // The laws read everything, which requests never may.
    for (const setting of ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"]) {
      await client.query(`set local ${setting} = on`)
    }
    for (const law of LAWS) await check(law, [])
    if (overdueSecondsMax !== undefined) await check(OVERDUE_LAW, [overdueSecondsMax])
    progress?.(all, all)
    return reports
  } finally {
    await client.query("rollback").catch(() => undefined)
    client.release()
  }
}
