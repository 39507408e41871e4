import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"

/** The longest that a test waits for a deadline. */
const WAIT_MS_MAX = 10_000

/** Waits until the database's clock, which alone decides, has reached that moment. */
export async function untilDatabaseTime(
  pool: pg.Pool,
  atMs: number,
  { spreadMs = 2 }: { spreadMs?: number } = {},
): Promise<void> {
  const begunMs = performance.now()
  while (performance.now() - begunMs < WAIT_MS_MAX) {
    const { rows } = await pool.query<{ now_ms: string }>(
      "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms",
    )
    const leftMs = atMs - Number(rows[0]?.now_ms)
    if (leftMs <= 0) return
    await pause(Math.max(leftMs, spreadMs))
  }
  throw new Error(`the database's clock did not reach ${atMs}`)
}
