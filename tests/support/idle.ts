import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect } from "vitest"

/** How long backends of broken connections may take to notice: statement_timeout bounds what they are busy with. */
const WAIT_MS_MAX = 10_000

/** After all faults: every connection is back in its pool or gone, and no transaction was left open. */
export async function expectIdle(observer: pg.Pool, pool: pg.Pool): Promise<void> {
  expect(pool.waitingCount).toBe(0)
  expect(pool.idleCount).toBe(pool.totalCount)
  expect(pool.totalCount).toBeLessThanOrEqual(pool.options.max ?? 0)
  const begunMs = performance.now()
  let open: unknown[] = []
  while (performance.now() - begunMs < WAIT_MS_MAX) {
    const { rows } = await observer.query(
      `select pid, state, query from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    )
    open = rows
    if (open.length === 0) return
    await pause(20)
  }
  throw new Error(`transactions were left open: ${JSON.stringify(open)}`)
}
