/** Promise S5: no confirm at or after the deadline, however long it waited, and no automatic release before it. */
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES, type StrategyName } from "../../src/index.ts"
import { databaseClock, untilDatabaseTime } from "../support/database-clock.ts"
import { createTestEngine, type TestEngine } from "../support/engine.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"
import { SteppedSession, untilLockWaits } from "../support/stepping.ts"
import { type StoredHold, storeHold } from "../support/stored-hold.ts"

/** Long enough to come to wait before it, and shorter than the engine's lock_timeout. */
const DEADLINE_MS = 600
/** Tries to come to wait before the deadline, on a machine that is busy with other things. */
const TRIES_MAX = 5

const LOCKS = {
  "the reservation": "select from earmark.reservations where id = $1 and $2::int is not null for update",
  "the stock level": "select from earmark.stock_levels where id = $2 and $1::uuid is not null for update",
}
/** Nothing changes, but the row is written anew: whoever waits for it looks again. */
const REWRITES = {
  "the reservation":
    "update earmark.reservations set metadata = metadata where id = $1 and $2::int is not null",
  "the stock level": "update earmark.stock_levels set held = held where id = $2 and $1::uuid is not null",
}

const COMMANDS: Record<string, { run: (engine: Engine, id: string) => Promise<unknown>; late: string }> = {
  confirm: { run: (engine, id) => engine.confirm(id), late: "reservation_expired" },
  extend: { run: (engine, id) => engine.extend(id, { ttlSeconds: 60 }), late: "reservation_expired" },
  release: { run: (engine, id) => engine.release(id), late: "expired" },
}
const CASES = (["the reservation", "the stock level"] as const).flatMap((row) =>
  (["only locked", "written"] as const).map((how) => ({ row, how })),
)
type Case = (typeof CASES)[number]

test.each(CASES)("commands that wait across the deadline while $row is $how", async (waiting) => {
  await Promise.all(POSTGRES_STRATEGIES.map((strategy) => waitAcrossDeadlines(strategy, waiting)))
})

async function waitAcrossDeadlines(strategy: StrategyName, { row, how }: Case): Promise<void> {
  const t = await createTestEngine({ strategy })
  const blocker = await t.pool.connect()
  for (const [name, { run, late }] of Object.entries(COMMANDS)) {
    let waited = false
    for (let tried = 0; tried < TRIES_MAX && !waited; tried += 1) {
      const sku = `${name}-${tried}`
      const hold = await storeHold(t.pool, { sku, onHand: 2, quantity: 2, expiresInMs: DEADLINE_MS })
      await blocker.query("begin")
      await blocker.query((how === "written" ? REWRITES : LOCKS)[row], [hold.uuid, hold.levelId])
      const answer = run(t.engine, hold.id)
      await untilLockWaits(t.pool, 1)
      waited = await isBefore(t.pool, hold)
      await untilDatabaseTime(t.pool, hold.expiresAtMs)
      await blocker.query("commit")
      expect.soft(await answer, `${strategy} ${sku}`).toMatchObject({
        outcome: decidesBeforeWaiting(strategy, { row, how }, name)
          ? expect.stringMatching(/released|expired/)
          : late,
      })
      expect(await t.engine.availability(sku)).toMatchObject({ onHand: 2, held: 0 })
    }
    expect(waited, "the command never came to wait before the deadline").toBe(true)
  }
  blocker.release()
  await t.close()
}

/** Giving back is no promise: optimistic decided on it in time, and the units are free either way. */
function decidesBeforeWaiting(strategy: StrategyName, { row }: Case, name: string): boolean {
  return strategy === "optimistic" && row === "the stock level" && name === "release"
}

async function isBefore(pool: pg.Pool, { expiresAtMs }: StoredHold): Promise<boolean> {
  const { rowCount } = await pool.query(
    "select where extract(epoch from clock_timestamp()) * 1000 < $1::float8",
    [expiresAtMs],
  )
  return rowCount === 1
}

test.each(POSTGRES_STRATEGIES)(
  "%s: a confirm whose deadline passes between decision and write",
  async (strategy) => {
    await withSteppedEngine(strategy, async ({ t, session, engine }) => {
      const hold = await storeHold(t.pool, { sku: "MUG", onHand: 2, quantity: 2, expiresInMs: DEADLINE_MS })
      const answer = session.start(() => engine.confirm(hold.id))
      await session.runTo("update_reservations")
      await untilDatabaseTime(t.pool, hold.expiresAtMs)
      await session.runOut()
      expect(await answer).toMatchObject({ outcome: "reservation_expired" })
    })
  },
)

const JUST_IN_TIME: Record<string, { run: (engine: Engine, id: string) => Promise<unknown>; state: string }> =
  {
    confirm: { run: (engine, id) => engine.confirm(id), state: "confirmed" },
    extend: { run: (engine, id) => engine.extend(id, { ttlSeconds: 60 }), state: "held" },
    release: { run: (engine, id) => engine.release(id), state: "released" },
  }

test.each(POSTGRES_STRATEGIES)("%s: what comes just in time keeps the sweeper away", async (strategy) => {
  await withSteppedEngine(strategy, async ({ t, session, engine }) => {
    for (const [sku, { run, state }] of Object.entries(JUST_IN_TIME)) {
      const hold = await storeHold(t.pool, { sku, onHand: 2, quantity: 2, expiresInMs: DEADLINE_MS })
      const answer = session.start(() => run(engine, hold.id))
      await session.runTo("commit")
      await untilDatabaseTime(t.pool, hold.expiresAtMs)
      // The sweeper sees the hold as it was and waits for the row; then it must look at what became of it.
      const swept = t.engine.sweep()
      await untilLockWaits(t.pool, 1)
      await session.runOut()
      await answer
      expect(await swept, sku).toBe(0)
      expect(await t.engine.reservation(hold.id), sku).toMatchObject({ state })
    }
  })
})

interface SteppedEngine {
  readonly t: TestEngine
  readonly session: SteppedSession
  readonly engine: Engine
}

async function withSteppedEngine(
  strategy: StrategyName,
  use: (stepped: SteppedEngine) => Promise<void>,
): Promise<void> {
  const t = await createTestEngine({ strategy })
  const session = new SteppedSession(t.url, t.pool)
  const engine = await createEngine({ pool: session.pool, strategy, migrate: false })
  await use({ t, session, engine })
  await engine.close()
  await session.pool.end()
  await t.close()
}

const HOLDS = 150

test.each(POSTGRES_STRATEGIES)(
  "%s: confirms, sweepers and rivals around the deadlines of many holds",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const seed = chooseSeed()
    const random = seededRandom(seed)
    const holds = await Promise.all(
      Array.from({ length: HOLDS }, (_, index) =>
        storeHold(t.pool, {
          sku: `S${index}`,
          onHand: 1,
          quantity: 1,
          expiresInMs: 500 + Math.floor(random() * 500),
        }),
      ),
    )
    const clockMs = await databaseClock(t.pool)
    // Most come a little too early or too late; on a busy machine all of them are later than they meant to be.
    const comeAround = ({ expiresAtMs }: StoredHold) => pause(expiresAtMs - 200 + random() * 250 - clockMs())
    const confirms = holds.map(async (hold) => {
      await comeAround(hold)
      return (await t.engine.confirm(hold.id)).outcome
    })
    const rivals = holds.map(async (hold) => {
      await comeAround(hold)
      return (await t.engine.reserve({ lines: [{ sku: hold.sku, quantity: 1 }] })).outcome
    })
    let open = true
    const sweeping = (async () => {
      while (open) {
        await t.engine.sweep()
        await pause(10)
      }
    })()
    const confirmed = await Promise.all(confirms)
    const reserved = await Promise.all(rivals)
    open = false
    await sweeping
    for (const [index, hold] of holds.entries()) {
      const state = (await t.engine.reservation(hold.id))?.state
      const said = `seed ${seed}, ${hold.sku}: ${confirmed[index]}, ${reserved[index]}, ${state}`
      // Whoever got the unit, nobody else did; nobody got it only when the rival came while it was still held.
      if (confirmed[index] === "confirmed") expect(reserved[index], said).toBe("insufficient_stock")
      expect(state, said).toBe(confirmed[index] === "confirmed" ? "confirmed" : "expired")
    }
    expect(new Set(confirmed), `seed ${seed}`).toEqual(new Set(["confirmed", "reservation_expired"]))
    await t.close()
  },
)
