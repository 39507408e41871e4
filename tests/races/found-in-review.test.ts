/** Holes that somebody found by trying. Each was seen open before it was closed. */
import pg from "pg"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createEngine, EarmarkError, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { OPEN_PERIOD } from "../../src/postgres/periods/open-period.ts"
import { createTestDatabase } from "../support/database.ts"
import { createTestEngine, expectLawful, stock, type TestEngine } from "../support/engine.ts"
import { untilLockWaits } from "../support/stepping.ts"

describe.each(POSTGRES_STRATEGIES)("%s", (strategy) => {
  let t: TestEngine
  let client: pg.Client

  beforeEach(async () => {
    t = await createTestEngine({ strategy })
    client = new pg.Client({ connectionString: t.url })
    await client.connect()
  })

  afterEach(async () => {
    await client.end()
    await t.close()
  })

  test("a pool is no transaction, nor is a client on which none was begun", async () => {
    await stock(t.engine, "MUG", { LAX: 5 })
    const request = { lines: [{ sku: "MUG", quantity: 1 }] }
    for (const tx of [t.pool, client]) {
      await expect(t.engine.reserve(request, { tx })).rejects.toMatchObject({
        code: "invalid_request",
        notApplied: true,
        errors: [{ pointer: "/tx" }],
      })
    }
    expect(await t.engine.availability("MUG")).toMatchObject({ held: 0, available: 5 })
  })

  test("a call that throws in a caller's transaction leaves nothing behind, even if the caller commits", async () => {
    await stock(t.engine, "MUG", { LAX: 5 })
    const answer = await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], ttlSeconds: 1 })
    if (answer.outcome !== "reserved") throw new Error(answer.outcome)
    await client.query("begin")
    const late = {
      async query(statement: { text: string; values: unknown[] }) {
        // The deadline comes while this statement is on its way.
        if (/update \S*reservations"? /.test(statement.text)) await client.query("select pg_sleep(1.2)")
        return client.query(statement)
      },
    }
    const confirmed = t.engine.confirm(answer.reservation.id, {}, { tx: late })
    await expect(confirmed).rejects.toMatchObject({ code: "transaction_conflict", notApplied: true })
    await client.query("commit")
    await expectLawful(t.pool)
    expect(await t.engine.confirm(answer.reservation.id)).toMatchObject({ outcome: "reservation_expired" })
  })

  test("in an aborted transaction every command says the same", async () => {
    await stock(t.engine, "MUG", { LAX: 5 })
    await client.query("begin")
    await expect(client.query("select 1/0")).rejects.toThrow("division by zero")
    const conflict = { code: "transaction_conflict", notApplied: true }
    const adjustment = { sku: "MUG", location: "LAX", delta: 1, reason: "received" } as const
    await expect(
      t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] }, { tx: client }),
    ).rejects.toMatchObject(conflict)
    await expect(t.engine.adjust(adjustment, { tx: client })).rejects.toMatchObject(conflict)
    await client.query("rollback")
  })

  test("a snapshot that does not see what has changed decides nothing", async () => {
    await stock(t.engine, "MUG", { LAX: 1 })
    await client.query("begin isolation level repeatable read")
    await client.query("select 1")
    await t.engine.adjust({ sku: "MUG", location: "LAX", delta: 100, reason: "received" })
    const answer = t.engine.reserve({ lines: [{ sku: "MUG", quantity: 50 }] }, { tx: client })
    const code = strategy === "optimistic" ? "transaction_unsupported" : "transaction_conflict"
    await expect(answer).rejects.toMatchObject({ code, notApplied: true })
    await client.query("rollback")
  })

  test("a level made while a reserve waits counts", async () => {
    await stock(t.engine, "MUG", { LAX: 5 })
    await t.engine.putLocation({ code: "NEW", name: "New" })
    await client.query("begin")
    await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 5 }] }, { tx: client })
    const waiting = t.engine.reserve({ lines: [{ sku: "MUG", quantity: 5 }] })
    await untilLockWaits(t.pool, 1)
    // By another engine: for this one's lane, the first request is still under way.
    const other = await createEngine({ pool: t.pool, strategy, migrate: false })
    await other.adjust({ sku: "MUG", location: "NEW", delta: 5, reason: "received" })
    await client.query("commit")
    expect(await waiting).toMatchObject({
      outcome: "reserved",
      reservation: { lines: [{ location: "NEW" }] },
    })
    await other.close()
  })

  test("however many overdue holds, a caller's transaction and an adjustment get past them", async () => {
    await stock(t.engine, "MUG", { LAX: 2500 })
    await fillWithOverdueHolds(t.pool, 2500)
    const level = await t.engine.adjust({ sku: "MUG", location: "LAX", delta: 1, reason: "received" })
    expect(level).toMatchObject({ outcome: "adjusted", level: { onHand: 2501, held: 0, available: 2501 } })
  })

  test("in a caller's transaction all that is overdue is taken back, in lock order", async () => {
    await stock(t.engine, "MUG", { LAX: 6500 })
    await fillWithOverdueHolds(t.pool, 6500)
    await client.query("begin")
    const answer = await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 6400 }] }, { tx: client })
    expect(answer).toMatchObject({ outcome: "reserved" })
    await client.query("commit")
  })

  test("closing twice, and with a pool of its own, is closing once", async () => {
    const own = await createEngine({ databaseUrl: t.url, strategy, migrate: false })
    await Promise.all([own.close(), own.close()])
    await own.close()
    await expect(own.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).rejects.toMatchObject({
      code: "unavailable",
    })
  })

  test("a key is looked at before the longest ttl and before what it replaces", async () => {
    await stock(t.engine, "MUG", { LAX: 5 })
    const request = { lines: [{ sku: "MUG", quantity: 1 }], ttlSeconds: 60, idempotencyKey: "cart-1" }
    const first = await t.engine.reserve(request)
    const short = await createEngine({
      pool: t.pool,
      strategy,
      migrate: false,
      holds: { ttlSecondsDefault: 10, ttlSecondsMax: 10 },
    })
    expect(await short.reserve(request)).toMatchObject({ ...first, outcome: "replayed" })
    const reused = { ...request, replaces: "never-issued" }
    expect(await t.engine.reserve(reused)).toMatchObject({ outcome: "idempotency_key_reused" })
    await short.close()
  })

  test("an observer that throws changes nothing", async () => {
    await stock(t.engine, "MUG", { LAX: 1 })
    const fail = () => {
      throw new Error("no room for another number")
    }
    const observer = { operation: fail, retry: fail, batch: fail, queued: fail, swept: fail }
    const observed = await createEngine({ pool: t.pool, strategy, migrate: false, observer })
    expect(await observed.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).toMatchObject({
      outcome: "reserved",
    })
    await observed.close()
  })
})

test("reserves in the batch that makes their level need no second try", async () => {
  const retries: string[] = []
  const t = await createTestEngine()
  const observer = {
    operation() {},
    retry: (reason: string) => void retries.push(reason),
    batch() {},
    queued() {},
    swept() {},
  }
  const engine = await createEngine({ pool: t.pool, migrate: false, observer })
  await engine.putLocation({ code: "LAX", name: "LAX" })
  for (let index = 0; index < 10; index += 1) {
    const sku = `NEW-${index}`
    await engine.putItem({ sku, name: sku })
    const [, answer] = await Promise.all([
      engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" }),
      engine.reserve({ lines: [{ sku, quantity: 1, location: "LAX" }] }),
    ])
    expect(answer.outcome).toBe("reserved")
  }
  expect(retries).toEqual([])
  await engine.close()
  await t.close()
})

test("before the schema is there, requests are told to come again", async () => {
  const database = await createTestDatabase({ migrated: false })
  const engine = await createEngine({ databaseUrl: database.url, migrate: false })
  const unavailable = { code: "unavailable", notApplied: true }
  await expect(engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).rejects.toMatchObject(unavailable)
  await expect(engine.availability("MUG")).rejects.toMatchObject(unavailable)
  await expect(engine.sweep()).rejects.toMatchObject(unavailable)
  await engine.close()
  await database.drop()
})

test("mistakes in the options are told all at once", async () => {
  const options = {
    databaseUrl: "postgres://localhost/x",
    schema: "Bad-Name",
    poolSize: 0,
    holds: { ttlSecondsDefault: -1 },
  }
  const failure = await createEngine(options).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(EarmarkError)
  expect((failure as EarmarkError).errors.map(({ pointer }) => pointer)).toEqual([
    "/schema",
    "/poolSize",
    "/holds/ttlSecondsDefault",
  ])
})

/** A UUIDv7 of now. */
const SOME_ID =
  "overlay(gen_random_uuid()::text placing left(earmark.first_uuid(now())::text, 13) || '-7' from 1)::uuid"

/** Set-based, as the engine would have written them: one hold a unit, all past their deadline. */
async function fillWithOverdueHolds(pool: pg.Pool, holds: number): Promise<void> {
  await pool.query(`
    with level as (
      update earmark.stock_levels s
      set held = ${holds}, version = version + ${holds}
      returning id, on_hand, safety_stock, version - ${holds} as version
    ),
    numbered as (
      select ${SOME_ID} as reservation_id, number, date_trunc('milliseconds', now()) - interval '1 hour' as at
      from generate_series(1, ${holds}) number
    ),
    made as (
      insert into earmark.reservations
        (id, state, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at)
      select reservation_id, 'held', array[level.id], '{1}', 1, at, at + interval '1 second', at
      from numbered, level
    ),
    held as (
      insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
      select level.id, at + interval '1 second', reservation_id, 1 from numbered, level
    )
    insert into earmark.journal (stock_level_id, version, kind, reservation_id, on_hand_delta, held_delta,
      on_hand, held, safety_stock, occurred_at, period)
    select level.id, level.version + number, 'held', reservation_id, 0, 1, on_hand, number, safety_stock, at, ${OPEN_PERIOD}
    from numbered, level`)
}
