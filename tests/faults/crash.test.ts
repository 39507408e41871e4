/** Something is killed in the middle of a burst: what was acknowledged stays, nothing happens twice. */
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { BURST_SKU, expectBurstKept, type Sale, sellBurst } from "../support/burst.ts"
import { reserveCall } from "../support/calls.ts"
import { openTestPool } from "../support/database.ts"
import { createTestEngine, expectLawful, stock } from "../support/engine.ts"
import { expectIdle } from "../support/idle.ts"
import { PrivateServer } from "../support/private-server.ts"
import { CallingProcess } from "../support/processes.ts"

const KEYS = Array.from({ length: 120 }, (_, index) => `k${index}`)
const UNITS = 150
/** Sales that are answered before the kill: early in the burst, so that most of it is still to come. */
const ANSWERED_BEFORE = 30

/** Between two terminations: no more than one for some ten transactions, or nothing would get through at all. */
const TERMINATION_PAUSE_MS = 20

interface Selling {
  readonly engine: Engine
  readonly pool: pg.Pool
}

test("kill -9 of Postgres in the middle of a burst", async () => {
  const server = await PrivateServer.start()
  const underway: Selling[] = []
  let answered = 0
  const enough = Promise.withResolvers<void>()
  for (const strategy of POSTGRES_STRATEGIES) {
    const pool = openTestPool(await server.createDatabase(strategy))
    const engine = await createEngine({ pool, strategy, migrate: false })
    await stock(engine, BURST_SKU, { LAX: UNITS / 2, JFK: UNITS / 2 })
    underway.push({ engine, pool })
  }
  const selling = underway.map(({ engine }) =>
    sellBurst(engine, KEYS, () => {
      answered += 1
      if (answered === ANSWERED_BEFORE) enough.resolve()
    }),
  )
  await enough.promise
  await server.kill()
  await server.restart()
  const sales = await Promise.all(selling)
  await Promise.all(
    underway.map(async ({ engine, pool }, index) => {
      const before = sales[index] ?? []
      expect(before).toHaveLength(KEYS.length)
      await expectBurstKept(engine, { before, units: UNITS })
      await engine.close()
      await expectIdle(pool, pool)
      await expectLawful(pool)
      await pool.end()
    }),
  )
  // Otherwise the fault came too late.
  expect(sales.flat().filter(({ reserved }) => reserved.outcome !== "reserved").length).toBeGreaterThan(0)
})

test.each(POSTGRES_STRATEGIES)("%s: kill -9 of a service in the middle of a burst", async (strategy) => {
  const t = await createTestEngine({ strategy })
  await stock(t.engine, BURST_SKU, { LAX: UNITS })
  const service = await CallingProcess.start({
    url: t.url,
    strategy,
    calls: KEYS.map((key) => reserveCall(BURST_SKU, 1, key)),
    atOnce: 20,
  })
  service.go()
  await service.untilAnswered(ANSWERED_BEFORE)
  await service.kill()
  expect(service.answers.size).toBeLessThan(KEYS.length)
  // What the dead service had not answered may have happened or not: its callers come again with their keys.
  const before = KEYS.map(
    (key, index): Sale => ({ key, reserved: service.answers.get(index) ?? { outcome: "outcome_unknown" } }),
  )
  await expectBurstKept(t.engine, { before, units: UNITS })
  await expectIdle(t.pool, t.pool)
  await t.close()
})

test.each(POSTGRES_STRATEGIES)(
  "%s: backends are terminated at random in the middle of a burst",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const pool = openTestPool(t.url)
    const engine = await createEngine({ pool, strategy, migrate: false })
    await stock(t.engine, BURST_SKU, { LAX: UNITS })
    let underway = true
    let terminated = 0
    const terminating = (async () => {
      while (underway) {
        const { rowCount } = await t.pool.query(
          `select pg_terminate_backend(pid) from (
           select pid from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
           order by random() limit 1) victims`,
        )
        terminated += rowCount ?? 0
        await pause(TERMINATION_PAUSE_MS)
      }
    })()
    const before = await sellBurst(engine, KEYS)
    underway = false
    await terminating
    expect(terminated).toBeGreaterThan(0)
    await expectBurstKept(engine, { before, units: UNITS })
    await engine.close()
    await expectIdle(t.pool, pool)
    await pool.end()
    await t.close()
  },
)
