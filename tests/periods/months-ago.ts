/** A database whose first period began months ago, so that years of keeping the books pass in a second. */
import type pg from "pg"
import { vi } from "vitest"

const DAY_MS = 86_400_000

/** Moves the open period back to where it would have begun `days` ago, and forgets those that waited behind it. */
export async function beginDaysAgo(pool: pg.Pool, days: number): Promise<void> {
  await pool.query("alter table earmark.periods disable trigger user")
  for (const period of [3, 2]) {
    for (const table of ["journal", "feed", "idempotency_keys", "reservations"]) {
      await pool.query(`drop table earmark.${table}_p${period}`)
    }
    await pool.query("delete from earmark.periods where id = $1", [period])
  }
  await pool.query(
    `update earmark.periods set starts_at = starts_at - $1::int * interval '1 day', opened_at = opened_at - $1::int * interval '1 day',
       ends_at = ends_at - $1::int * interval '1 day'`,
    [days],
  )
  await pool.query("alter table earmark.reservations detach partition earmark.reservations_p1")
  const { rows } = await pool.query<{ until: string }>(
    "select earmark.first_uuid(ends_at)::text as until from earmark.periods",
  )
  await pool.query(
    `alter table earmark.reservations attach partition earmark.reservations_p1
     for values from (minvalue) to ('${rows[0]?.until}')`,
  )
}

let behindDays = 0

/** Lets `daysAgo` set this process' clock, which ids are made by; the database's own decides all the rest. */
export function controlClock(): void {
  const now = Date.now
  vi.spyOn(Date, "now").mockImplementation(() => now() - behindDays * DAY_MS)
}

export async function daysAgo<T>(days: number, run: () => Promise<T>): Promise<T> {
  behindDays = days
  try {
    return await run()
  } finally {
    behindDays = 0
  }
}

/** Closes the open period as if it had been over so many days ago. */
export async function closePeriod(pool: pg.Pool, days: number): Promise<void> {
  await pool.query("select earmark.add_period(30)")
  await pool.query("select earmark.open_next_period()")
  await pool.query(
    `update earmark.periods set closed_at = closed_at - $1::int * interval '1 day'
     where id = (select max(id) from earmark.periods where closed_at is not null)`,
    [days],
  )
  await pool.query(
    `update earmark.periods set opened_at = opened_at - $1::int * interval '1 day' where closed_at is null and opened_at is not null`,
    [days],
  )
}
