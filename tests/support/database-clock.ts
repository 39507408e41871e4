import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"

/** The longest that a test waits for a deadline. */
const WAIT_MS_MAX = 10_000

/** Reads the database's clock once and goes on from there: near enough for coming about the time of a deadline. */
export async function databaseClock(pool: pg.Pool): Promise<() => number> {
  const offsetMs = (await readClock(pool)) - performance.now()
  return () => performance.now() + offsetMs
}

/** Waits until the database's clock, which alone decides, has reached that moment. */
export async function untilDatabaseTime(pool: pg.Pool, atMs: number): Promise<void> {
  const begunMs = performance.now()
  while (performance.now() - begunMs < WAIT_MS_MAX) {
    const leftMs = atMs - (await readClock(pool))
    if (leftMs <= 0) return
    await pause(leftMs)
  }
  throw new Error(`the database's clock did not reach ${atMs}`)
}

async function readClock(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ now_ms: string }>(
    "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms",
  )
  return Number(rows[0]?.now_ms)
}
