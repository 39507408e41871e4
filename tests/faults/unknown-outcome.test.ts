/** A commit whose answer is lost may have happened: the engine finds out by running the same ids again. */
import type pg from "pg"
import { expect, test } from "vitest"
import {
  createEngine,
  EarmarkError,
  type Engine,
  POSTGRES_STRATEGIES,
  type StrategyName,
} from "../../src/index.ts"
import { openTestPool } from "../support/database.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { type CommitLoss, FaultProxy } from "../support/fault-proxy.ts"
import { expectIdle } from "../support/idle.ts"
import { waitsForLock } from "../support/stepping.ts"

const UNITS = 10

interface Proxied {
  readonly t: TestEngine
  readonly proxy: FaultProxy
  /** Reaches the database through the proxy. */
  readonly engine: Engine
  readonly pool: pg.Pool
}

async function withProxy(strategy: StrategyName, use: (proxied: Proxied) => Promise<void>): Promise<void> {
  const t = await createTestEngine({ strategy })
  const proxy = await FaultProxy.open(t.url)
  const pool = openTestPool(proxy.url(t.url))
  const engine = await createEngine({ pool, strategy, migrate: false })
  await stock(t.engine, "MUG", { LAX: UNITS })
  await use({ t, proxy, engine, pool })
  proxy.recover()
  await engine.close()
  await expectIdle(t.pool, pool)
  await pool.end()
  await proxy.close()
  await expectDrains(t.engine, "MUG", (await t.engine.availability("MUG"))?.onHand ?? -1)
  await t.close()
}

const LOSSES: readonly CommitLoss[] = ["answer", "request"]
const CASES = POSTGRES_STRATEGIES.flatMap((strategy) => LOSSES.map((loss) => ({ strategy, loss })))

test.each(CASES)(
  "$strategy: the $loss of the commit is lost; every command is applied once",
  async (options) => {
    const { strategy, loss } = options
    await withProxy(strategy, async ({ t, proxy, engine }) => {
      const lines = [{ sku: "MUG", quantity: 1 }]
      const lost = async <T>(work: () => Promise<T>): Promise<T> => {
        const gone = proxy.loseCommit(loss)
        const [answer] = await Promise.all([work(), gone])
        return answer
      }
      const made = await lost(() => engine.reserve({ lines, customerId: "c" }))
      if (made.outcome !== "reserved") throw new Error(`reserving was answered ${made.outcome}`)
      expect((await t.engine.reservations()).data.map(({ id }) => id)).toEqual([made.reservation.id])

      const keyed = await lost(() => engine.reserve({ lines, idempotencyKey: "k" }))
      expect(keyed.outcome).toBe("reserved")
      const replaces = made.reservation.id
      const moved = await lost(() => engine.reserve({ lines, customerId: "c", replaces }))
      if (moved.outcome !== "reserved") throw new Error(`replacing was answered ${moved.outcome}`)
      expect(await t.engine.availability("MUG")).toMatchObject({ onHand: UNITS, held: 2 })

      const { id } = moved.reservation
      expect(await lost(() => engine.extend(id, { ttlSeconds: 900 }))).toMatchObject({ outcome: "extended" })
      expect(await lost(() => engine.confirm(id))).toMatchObject({ outcome: "confirmed" })
      expect(await t.engine.availability("MUG")).toMatchObject({ onHand: UNITS - 1, held: 1 })
      if (keyed.outcome === "reserved") {
        const answer = await lost(() => engine.release(keyed.reservation.id))
        expect(answer).toMatchObject({ outcome: "released" })
      }
      const adjustment = { sku: "MUG", location: "LAX", delta: 5, reason: "received" } as const
      expect(await lost(() => engine.adjust(adjustment))).toMatchObject({
        outcome: "adjusted",
        level: { onHand: UNITS + 4 },
      })
      expect(await t.engine.availability("MUG")).toMatchObject({ onHand: UNITS + 4, held: 0 })
      expect(proxy.lostCommits).toBe(7)
    })
  },
)

test.each(POSTGRES_STRATEGIES)(
  "%s: the commit of the last unit is still under way when it is asked for again",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const proxy = await FaultProxy.open(t.url)
    const pool = openTestPool(proxy.url(t.url))
    const engine = await createEngine({ pool, strategy, migrate: false })
    await stock(t.engine, "MUG", { LAX: 1 })
    // A commit that takes as long as the test wants: it waits for an advisory lock.
    await t.pool.query(`
    create function earmark.commit_slowly() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(77); return null; end $$;
    create constraint trigger commit_slowly after insert on earmark.reservations
      deferrable initially deferred for each row execute function earmark.commit_slowly()`)
    const holder = await t.pool.connect()
    await holder.query("select pg_advisory_lock(77)")

    const gone = proxy.breakAtCommit()
    const answer = engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
    await gone
    await untilSecondTryIsSeen(t.pool)
    await holder.query("select pg_advisory_unlock(77)")
    holder.release()
    expect(await answer).toMatchObject({ outcome: "reserved" })
    expect((await t.engine.reservations()).data).toHaveLength(1)

    await engine.close()
    await pool.end()
    await proxy.close()
    await t.close()
  },
)

/** Waits until the second try waits behind the first, or has been answered without waiting. */
async function untilSecondTryIsSeen(observer: pg.Pool): Promise<void> {
  const until = performance.now() + 600
  while (performance.now() < until) {
    const { rows } = await observer.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and wait_event <> 'advisory'`,
    )
    for (const { pid } of rows) if (await waitsForLock(observer, pid)) return
  }
}

test("the database is gone after the commit was sent: the outcome is unknown, and it is said so", async () => {
  const work = POSTGRES_STRATEGIES.map((strategy) =>
    withProxy(strategy, async ({ t, proxy, engine }) => {
      const gone = proxy.loseCommit("answer", { thenRefuse: true })
      const error = await engine
        .reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k" })
        .catch((reason: unknown) => reason)
      await gone
      expect(error).toBeInstanceOf(EarmarkError)
      expect(error).toMatchObject({ code: "outcome_unknown", notApplied: false, retryable: true })
      proxy.recover()
      const again = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k" })
      expect(again.outcome).toBe("replayed")
      expect((await t.engine.reservations()).data).toHaveLength(1)
    }),
  )
  await Promise.all(work)
})

test("the database is gone before the commit was sent: nothing was changed, and it is said so", async () => {
  const work = POSTGRES_STRATEGIES.map((strategy) =>
    withProxy(strategy, async ({ t, proxy, engine }) => {
      proxy.refuse()
      const error = await engine
        .reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: "unavailable", notApplied: true, retryable: true })
      proxy.recover()
      expect((await t.engine.reservations()).data).toHaveLength(0)
      expect((await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).outcome).toBe("reserved")
    }),
  )
  await Promise.all(work)
})

test.each(POSTGRES_STRATEGIES)("%s: a commit that is answered ROLLBACK is no success", async (strategy) => {
  const t = await createTestEngine({ strategy })
  await stock(t.engine, "MUG", { LAX: UNITS })
  const { openInterceptedPool } = await import("../support/intercepted-pool.ts")
  let spoiled = 0
  const pool = openInterceptedPool(t.url, 1, ({ name }, client) => {
    if (name !== "commit" || spoiled > 0) return undefined
    spoiled += 1
    // The transaction fails where nobody looks: now the commit rolls back, and says so in its tag only.
    return client.query("select 1 / 0").then(
      () => {},
      () => {},
    )
  })
  const engine = await createEngine({ pool, strategy, migrate: false })
  const adjusted = await engine.adjust({ sku: "MUG", location: "LAX", delta: 1, reason: "received" })
  expect(adjusted.outcome).toBe("adjusted")
  expect(spoiled).toBe(1)
  expect(await t.engine.availability("MUG")).toMatchObject({ onHand: UNITS + 1 })
  await engine.close()
  await pool.end()
  await t.close()
})
