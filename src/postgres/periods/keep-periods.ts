/**
 * What months leave behind, kept in order: periods are added ahead of time, the books are closed when a period is over,
 * and what is older than asked for is dropped a period at a time, never row by row. What the dropped part of the journal
 * proved is carried over first, so that the rest still proves every balance.
 *
 * Any number of processes may do this at once. Each step is a transaction of its own, and left for the next pass where
 * it would have to wait long, because those who reserve would wait behind it.
 */
import type pg from "pg"
import { faultKind, isSqlState, TransactionFault, toEarmarkError } from "../faults.ts"
import { inSchema, quoteIdentifier } from "../statement.ts"

export interface KeepOptions {
  readonly schema: string
  /** Days that a new period takes. */
  readonly periodDays: number
  /** Days that what has ended is kept at least; null keeps everything. */
  readonly retentionDays: number | null
}

/** A step that was taken, and the period that it was taken with. */
export interface PeriodStep {
  readonly step: "added" | "opened" | "keys dropped" | "reservations dropped" | "journal dropped"
  readonly period: number
}

/** Periods that wait behind the open one: whoever adds them may be away for as long. */
const PERIODS_AHEAD = 2
/** Longest wait for a lock, during which requests wait too: a fraction of what they wait for one another. */
const LOCK_TIMEOUT_MS = 500
/**
 * Clocks of clients may be off by so much. A reservation lies by the clock of who made it, its journal and its key by the
 * database's; what is dropped must leave neither without the other.
 */
const CLOCK_SKEW = "interval '1 day'"
const LOCK_NOT_AVAILABLE = "55P03"
/** Any number that nobody else uses; the schema's name makes it one lock a schema. */
const LOCK_SPACE = 0x70657264

/** Takes every step that is due, and returns those taken. */
export async function keepPeriods(pool: pg.Pool, options: KeepOptions): Promise<readonly PeriodStep[]> {
  try {
    return await takeSteps(pool, options)
  } catch (error) {
    const fault = new TransactionFault(error, false)
    throw toEarmarkError(fault, faultKind(fault))
  }
}

async function takeSteps(pool: pg.Pool, options: KeepOptions): Promise<readonly PeriodStep[]> {
  const steps: PeriodStep[] = []
  for (const step of STEPS) {
    for (
      let period = await step.take(pool, options);
      period !== null;
      period = await step.take(pool, options)
    ) {
      steps.push({ step: step.name, period })
    }
  }
  return steps
}

interface Step {
  readonly name: PeriodStep["step"]
  /** Takes the step once if it is due; returns the period, or null when it is not due. */
  readonly take: (pool: pg.Pool, options: KeepOptions) => Promise<number | null>
}

const STEPS: readonly Step[] = [
  {
    name: "added",
    take: (pool, options) =>
      inTransaction(pool, options, async (query) => {
        const { rowCount } = await query("select from earmark.periods where opened_at is null")
        if (rowCount !== null && rowCount >= PERIODS_AHEAD) return null
        return periodOf(await query("select earmark.add_period($1::int) as period", [options.periodDays]))
      }),
  },
  {
    name: "opened",
    take: (pool, options) =>
      inTransaction(pool, options, async (query) => {
        const due = await query(
          `select n.id
           from earmark.periods p join earmark.periods n on n.id = p.id + 1
           where p.opened_at is not null and p.closed_at is null and n.starts_at <= clock_timestamp()`,
        )
        if (due.rowCount === 0) return null
        return periodOf(await query("select earmark.open_next_period() as period"))
      }),
  },
  {
    name: "keys dropped",
    take: (pool, options) =>
      dropDue(pool, options, {
        table: "idempotency_keys",
        droppedAt: "keys_dropped_at",
        due: (days) => `p.closed_at <= ${daysAgo(days)}`,
      }),
  },
  {
    // Not before the keys of these reservations, whatever clock they were made by, nor while one of them is held.
    name: "reservations dropped",
    take: (pool, options) =>
      dropDue(pool, options, {
        table: "reservations",
        droppedAt: "reservations_dropped_at",
        due: (days) => `p.ends_at <= ${daysAgo(days)}
          and p.ends_at + ${CLOCK_SKEW} <= (select min(k.opened_at) from earmark.periods k where k.keys_dropped_at is null)
          and not exists (select from earmark.holds h where h.reservation_id < earmark.first_uuid(p.ends_at))`,
        carryOver: (partition) =>
          `insert into earmark.carried_over (stock_level_id, version, on_hand, held, safety_stock, sold)
           select l.stock_level_id, 0, 0, 0, 0, sum(l.quantity)
           from ${partition} r
           cross join lateral unnest(r.stock_level_ids, r.quantities) as l(stock_level_id, quantity)
           where r.state = 'confirmed'
           group by l.stock_level_id
           on conflict (stock_level_id) do update set sold = carried_over.sold + excluded.sold`,
      }),
  },
  {
    // Not before every reservation that it tells of, whatever clock it was made by.
    name: "journal dropped",
    take: (pool, options) =>
      dropDue(pool, options, {
        table: "journal",
        droppedAt: "journal_dropped_at",
        due: () => `p.closed_at + ${CLOCK_SKEW} <= least(
            (select min(r.starts_at) from earmark.periods r where r.reservations_dropped_at is null),
            (select earmark.time_of(r.id) from earmark.reservations_rest r order by r.id limit 1))`,
        carryOver: (partition) =>
          `insert into earmark.carried_over as c
             (stock_level_id, version, on_hand, held, safety_stock, sold, allotted)
           select l.*, 0, coalesce(a.units, 0)
           from (
             select distinct on (j.stock_level_id) j.stock_level_id, j.version, j.on_hand, j.held, j.safety_stock
             from ${partition} j
             order by j.stock_level_id, j.version desc
           ) l
           left join (
             select j.stock_level_id, sum(j.held_delta) as units
             from ${partition} j
             where j.kind in ('allotted', 'drawn', 'given_back')
             group by j.stock_level_id
           ) a on a.stock_level_id = l.stock_level_id
           on conflict (stock_level_id) do update
           set version = excluded.version, on_hand = excluded.on_hand, held = excluded.held,
             safety_stock = excluded.safety_stock, allotted = c.allotted + excluded.allotted`,
        dropWith: dropFeed,
      }),
  },
]

interface Drop {
  readonly table: string
  /** The column that says when it was dropped. */
  readonly droppedAt: string
  /** When a period `p` is due, by the number of days that are kept. Periods are dropped in their order. */
  readonly due: (days: number) => string
  /** What has to be written down first, from the partition of that name. */
  readonly carryOver?: (partition: string) => string
  /** Drops what belongs to it. */
  readonly dropWith?: (query: Query, period: number) => Promise<void>
}

async function dropDue(
  pool: pg.Pool,
  options: KeepOptions,
  { table, droppedAt, due, carryOver, dropWith }: Drop,
): Promise<number | null> {
  const { retentionDays } = options
  if (retentionDays === null) return null
  const take = (run: (query: Query, period: number, partition: string) => Promise<unknown>) =>
    inTransaction(pool, options, async (query) => {
      const found = await query(
        `select p.id as period
         from earmark.periods p
         where p.id = (select min(id) from earmark.periods where ${droppedAt} is null) and ${due(retentionDays)}`,
      )
      if (found.rowCount === 0) return null
      const period = periodOf(found)
      await run(query, period, `earmark.${quoteIdentifier(`${table}_p${period}`)}`)
      return period
    })
  if (carryOver && (await take((query, _, partition) => query(sealing(partition)))) === null) return null
  return take(async (query, period, partition) => {
    if (carryOver) await query(carryOver(partition))
    await query(`update earmark.periods set ${droppedAt} = clock_timestamp() where id = $1`, [period])
    await query(`drop table ${partition}`)
    if (dropWith) await dropWith(query, period)
  })
}

/**
 * Nobody writes there any more; this makes it certain while it is added up. In a transaction of its own, because what
 * keeps writers out is a strong lock, and every confirm's plan names all partitions: a lock would keep out all of them.
 */
function sealing(partition: string): string {
  return `create or replace trigger "sealed" before insert or update or delete on ${partition}
    for each row execute function earmark.refuse_change()`
}

/** Readers that had not come so far can be told that they have missed something. */
async function dropFeed(query: Query, period: number): Promise<void> {
  const partition = `earmark.${quoteIdentifier(`feed_p${period}`)}`
  await query(
    `update earmark.periods set feed_through = (select max(f.position) from ${partition} f) where id = $1`,
    [period],
  )
  await query(`drop table ${partition}`)
}

function daysAgo(days: number): string {
  return `clock_timestamp() - interval '${days} days'`
}

type Query = (text: string, values?: unknown[]) => Promise<pg.QueryResult<Record<string, unknown>>>

async function inTransaction(
  pool: pg.Pool,
  { schema }: KeepOptions,
  run: (query: Query) => Promise<number | null>,
): Promise<number | null> {
  const client = await pool.connect()
  try {
    await client.query("begin isolation level read committed")
    // What is added up may be months of rows; what is waited for is not.
    await client.query("set local statement_timeout = 0")
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
    for (const setting of ["enable_seqscan", "enable_hashjoin"])
      await client.query(`set local ${setting} = on`)
    const mine = await client.query<{ mine: boolean }>(
      "select pg_try_advisory_xact_lock($1, hashtext($2)) as mine",
      [LOCK_SPACE, schema],
    )
    const query: Query = (text, values) => client.query(inSchema(schema, text), values)
    const period = mine.rows[0]?.mine ? await run(query) : null
    await client.query("commit")
    return period
  } catch (error) {
    await client.query("rollback").catch(() => undefined)
    if (isSqlState(error, LOCK_NOT_AVAILABLE)) return null
    throw error
  } finally {
    client.release()
  }
}

function periodOf(result: pg.QueryResult<Record<string, unknown>>): number {
  return Number(result.rows[0]?.["period"])
}
