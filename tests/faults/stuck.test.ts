/** A database that does not get on: who waits is told in time, who need not wait is served, and then all is well (L3). */
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES, type StrategyName } from "../../src/index.ts"
import {
  CONNECT_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  RETRY_BUDGET_MS,
  TRANSACTION_TIMEOUT_MS,
} from "../../src/postgres/timeouts.ts"
import { answer, answerAll, type Call, countOutcomes, reserveCall } from "../support/calls.ts"
import { openTestPool } from "../support/database.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { FaultProxy } from "../support/fault-proxy.ts"
import { expectIdle } from "../support/idle.ts"
import { untilLockWaits } from "../support/stepping.ts"
import { storeHold } from "../support/stored-hold.ts"

const UNITS = 100
/** For what a busy machine adds to a time-out. */
const SLACK_MS = 2500
const RECOVERY_MS = 30_000

async function onEveryStrategy(run: (t: TestEngine, strategy: StrategyName) => Promise<void>): Promise<void> {
  await Promise.all(
    POSTGRES_STRATEGIES.map(async (strategy) => {
      const t = await createTestEngine({ strategy })
      await run(t, strategy)
      await t.close()
    }),
  )
}

async function lockLevel(pool: pg.Pool, sku: string): Promise<() => Promise<void>> {
  const foreign = await pool.connect()
  await foreign.query("begin")
  await foreign.query("set local idle_in_transaction_session_timeout = 0")
  await foreign.query("select from earmark.stock_levels where sku = $1 for update", [sku])
  return async () => {
    await foreign.query("rollback")
    foreign.release()
  }
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const begunMs = performance.now()
  const value = await work
  return { value, ms: performance.now() - begunMs }
}

test("a foreign session sits on a stock level: its requests are refused in time, others are served", async () => {
  await onEveryStrategy(async (t, strategy) => {
    const free = ["A", "B", "C", "D", "E", "F", "G", "H"]
    for (const sku of ["STUCK", ...free]) await stock(t.engine, sku, { LAX: UNITS })
    const observer = openTestPool(t.url, 2)
    const unlock = await lockLevel(observer, "STUCK")

    const stuck = timed(answerAll(t.engine, [reserveCall("STUCK"), reserveCall("STUCK", 2)]))
    // Whoever shares a lane with the stuck ones waits for their batch, and no longer.
    const served = timed(
      answerAll(
        t.engine,
        free.map((sku) => reserveCall(sku)),
      ),
    )
    const refused = await stuck
    expect(countOutcomes(refused.value), strategy).toEqual({ unavailable: 2 })
    for (const { notApplied } of refused.value) expect(notApplied).toBe(true)
    expect(refused.ms).toBeLessThan(4 * LOCK_TIMEOUT_MS + SLACK_MS)
    expect(countOutcomes((await served).value), strategy).toEqual({ reserved: free.length })
    expect((await served).ms).toBeLessThan(4 * LOCK_TIMEOUT_MS + SLACK_MS)

    await unlock()
    await observer.end()
    await untilServed(t.engine, [reserveCall("STUCK")])
    await expectDrains(t.engine, "STUCK", UNITS)
    await expectIdle(t.pool, t.pool)
  })
})

test("overdue holds of a stuck level wait, and those of others end meanwhile", async () => {
  await onEveryStrategy(async (t, strategy) => {
    const skus = ["STUCK", "A", "B", "C", "D"]
    for (const sku of skus) {
      await stock(t.engine, sku, { LAX: UNITS })
      await storeHold(t.pool, { sku: `${sku}-LATE`, onHand: 1, quantity: 1, expiresInMs: -60_000 })
    }
    const observer = openTestPool(t.url, 2)
    const unlock = await lockLevel(observer, "STUCK-LATE")
    await t.engine.sweep()
    const held = async () => {
      const sql = "select sku from earmark.stock_levels where held > 0"
      return (await t.pool.query<{ sku: string }>(sql)).rows.map(({ sku }) => sku)
    }
    expect(await held(), strategy).toEqual(["STUCK-LATE"])
    await unlock()
    await observer.end()
    expect(await t.engine.sweep(), strategy).toBe(1)
    expect(await held(), strategy).toEqual([])
    await expectIdle(t.pool, t.pool)
  })
})

/** Waiting for each of a lane's in turn would take more than twice as long as anybody may have to wait. */
const BASKETS = 80

test("a stuck level that many different baskets want does not stall its lane for long", async () => {
  await onEveryStrategy(async (t, strategy) => {
    const skus = Array.from({ length: BASKETS }, (_, index) => `S${index}`)
    for (const sku of ["STUCK", ...skus]) await stock(t.engine, sku, { LAX: UNITS })
    const observer = openTestPool(t.url, 2)
    const unlock = await lockLevel(observer, "STUCK")
    const baskets = skus.map((sku): Call => {
      const lines = [
        { sku: "STUCK", quantity: 1 },
        { sku, quantity: 1 },
      ]
      return { kind: "reserve", request: { lines } }
    })
    const { value, ms } = await timed(answerAll(t.engine, baskets))
    expect(countOutcomes(value), strategy).toEqual({ unavailable: baskets.length })
    expect(value.every(({ notApplied }) => notApplied)).toBe(true)
    expect(ms, strategy).toBeLessThan(RETRY_BUDGET_MS + 3 * LOCK_TIMEOUT_MS + SLACK_MS)
    await unlock()
    await observer.end()
    await untilServed(t.engine, baskets)
    await expectIdle(t.pool, t.pool)
  })
})

test("a server that falls silent: answers come in time, connections are given up, and it recovers", async () => {
  await onEveryStrategy(async (t, strategy) => {
    const proxy = await FaultProxy.open(t.url)
    const pool = openTestPool(proxy.url(t.url))
    const engine = await createEngine({ pool, strategy, migrate: false })
    await stock(engine, "MUG", { LAX: UNITS })
    proxy.fallSilent()
    const calls = Array.from({ length: 15 }, (_, index) => reserveCall("MUG", 1, `k${index}`))
    const { value, ms } = await timed(answerAll(engine, calls))
    for (const { outcome } of value) expect(["unavailable", "outcome_unknown"], strategy).toContain(outcome)
    expect(ms, strategy).toBeLessThan(RETRY_BUDGET_MS + TRANSACTION_TIMEOUT_MS + SLACK_MS)
    await expectReadFails(engine)
    await untilReturned(pool)

    proxy.recover()
    await untilServed(engine, [reserveCall("MUG")])
    await engine.close()
    await expectIdle(t.pool, pool)
    await pool.end()
    await proxy.close()
    await expectDrains(t.engine, "MUG", UNITS)
  })
})

/** The pool goes on connecting for callers that have given up, for as long as making a connection may take. */
async function untilReturned(pool: pg.Pool): Promise<void> {
  const begunMs = performance.now()
  while (pool.idleCount < pool.totalCount || pool.waitingCount > 0) {
    if (performance.now() - begunMs > CONNECT_TIMEOUT_MS + SLACK_MS) throw new Error("connections are kept")
    await pause(50)
  }
}

async function expectReadFails(engine: Engine): Promise<void> {
  const error = await engine.availability("MUG").catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: "unavailable" })
}

test("a server that dies in the moment of letting somebody in takes no process with it", async () => {
  await onEveryStrategy(async (t, strategy) => {
    const proxy = await FaultProxy.open(t.url)
    const pool = openTestPool(proxy.url(t.url))
    const engine = await createEngine({ pool, strategy, migrate: false })
    await stock(t.engine, "MUG", { LAX: UNITS })
    // Connections of before are gone, so that each call has to make its own.
    proxy.refuse()
    proxy.recover()
    proxy.dieOnConnecting()
    const answers = await answerAll(engine, [reserveCall("MUG"), reserveCall("MUG")])
    expect(countOutcomes(answers), strategy).toEqual({ unavailable: 2 })
    expect(answers.every(({ notApplied }) => notApplied)).toBe(true)
    proxy.recover()
    await untilServed(engine, [reserveCall("MUG")])
    await engine.close()
    await pool.end()
    await proxy.close()
  })
})

/** Asks again for whatever is refused, until all of it is served (promise L3). */
async function untilServed(engine: Engine, calls: readonly Call[]): Promise<void> {
  const begunMs = performance.now()
  let left = calls
  while (left.length > 0) {
    const asked = left
    const answers = await answerAll(engine, asked)
    left = asked.filter((_, index) => answers[index]?.outcome !== "reserved")
    if (performance.now() - begunMs > RECOVERY_MS)
      throw new Error(`${left.length} calls are not served again`)
  }
}

/** One lane's queue, and what may be under way in the other strategies. */
const QUEUE_MAX = 10_000
const TOO_MANY = 500

test.each(["batched", "row-lock"] as const)(
  "%s: more than the queue holds is refused at once",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    await stock(t.engine, "MUG", { LAX: 2 * QUEUE_MAX })
    const observer = openTestPool(t.url, 2)
    const unlock = await lockLevel(observer, "MUG")
    const begunMs = performance.now()
    const refused: number[] = []
    const calls = Array.from({ length: QUEUE_MAX + TOO_MANY }, () => reserveCall("MUG"))
    const answers = calls.map(async (call, index) => {
      const given = await answer(t.engine, call)
      if (index >= QUEUE_MAX) refused.push(performance.now() - begunMs)
      return given
    })
    const late = await Promise.all(answers.slice(QUEUE_MAX))
    expect(countOutcomes(late)).toEqual({ unavailable: TOO_MANY })
    expect(late.every(({ notApplied }) => notApplied)).toBe(true)
    // Nobody but those that were let in waits for the lock.
    expect(Math.max(...refused)).toBeLessThan(LOCK_TIMEOUT_MS)
    await untilLockWaits(observer, 1)
    await unlock()
    await observer.end()
    const given = countOutcomes(await Promise.all(answers))
    expect(Object.keys(given).sort()).toEqual(["reserved", "unavailable"])
    expect(await t.engine.availability("MUG")).toMatchObject({ held: given["reserved"] })
    await expectIdle(t.pool, t.pool)
    await t.close()
  },
)
