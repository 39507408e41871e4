/** A shop that was kept before there were periods goes on as if nothing had happened. */
import type pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createEngine, type Engine } from "../../src/index.ts"
import { migrate } from "../../src/postgres/migrate.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import {
  ADJUST_REQUESTS,
  BASKET,
  type FormerReservation,
  HELD,
  LEVELS,
  OVERDUE,
  REPLACING,
  REQUESTS,
  RESERVATIONS,
  SOLD,
  wireId,
} from "./former-shop.ts"
import { makeFormerShop } from "./former-version.ts"

const nowMs = Date.now()
let database: TestDatabase
let pool: pg.Pool
let engine: Engine

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  pool = openTestPool(database.url)
  await makeFormerShop(pool, nowMs)
  expect(await migrate(pool, { schema: "earmark" })).toEqual([
    "0002_periods",
    "0003_redis",
    "0004_feed",
    "0005_sinks",
    "0006_webhooks",
    "0007_verifications",
  ])
  engine = await createEngine({ pool, migrate: false })
})
afterAll(async () => {
  await engine.close()
  await pool.end()
  await database.drop()
})

/** What a caller was shown before, and is shown now. */
function viewOf(made: FormerReservation) {
  return {
    id: wireId(made.id),
    // A hold reads as expired from its deadline on.
    state: made === OVERDUE ? "expired" : made.state,
    customerId: made.customerId ?? null,
    lines: made.lines.map(({ level, quantity }) => {
      const { sku, location } = LEVELS[level]
      return { sku, location, quantity }
    }),
    ttlSeconds: made.ttlSeconds,
    createdAt: new Date(nowMs + made.createdInMs),
    expiresAt: new Date(nowMs + made.expiresInMs),
    updatedAt: new Date(nowMs + made.updatedInMs),
    reference: made.reference ?? null,
    metadata: made.metadata ?? {},
    durability: "durable",
  }
}

test("every law holds", () => expectLawful(pool))

test("nothing of the former tables is left", async () => {
  const { rows } = await pool.query(
    `select relname from pg_class
     where relnamespace = 'earmark'::regnamespace and (relname like 'former%' or relname like 'reservation_lines%')`,
  )
  expect(rows).toEqual([])
})

test("every reservation reads as before, alone and in lists", async () => {
  const views = RESERVATIONS.map(viewOf)
  for (const view of views) expect(await engine.reservation(view.id)).toEqual(view)
  const newestFirst = views.toReversed()
  expect((await engine.reservations()).data).toEqual(newestFirst)
  expect((await engine.reservations({ customerId: "c-2" })).data).toEqual(
    newestFirst.filter(({ customerId }) => customerId === "c-2"),
  )
  expect((await engine.reservations({ sku: "CUP" })).data).toEqual(
    newestFirst.filter(({ lines }) => lines.some(({ sku }) => sku === "CUP")),
  )
  expect((await engine.reservations({ state: "expired" })).data.map(({ id }) => id)).toEqual(
    newestFirst.filter(({ state }) => state === "expired").map(({ id }) => id),
  )
})

test("stock reads as before", async () => {
  expect(await engine.availability("MUG")).toMatchObject({
    locations: [
      // 20 came in, 1 was damaged, 1 was sold; 3 and 2 are held, and what is overdue counts as free.
      { location: "LAX", onHand: 18, held: 5, safetyStock: 0, available: 13 },
      { location: "JFK", onHand: 5, held: 1, safetyStock: 0, available: 4 },
    ],
  })
  expect(await engine.availability("CUP")).toMatchObject({
    locations: [{ location: "LAX", onHand: 10, held: 3, safetyStock: 2, available: 5 }],
  })
})

test("what is overdue is swept", async () => {
  expect(await engine.sweep()).toBe(1)
  const overdue = wireId(OVERDUE.id)
  expect(await engine.reservation(overdue)).toMatchObject({ state: "expired" })
  expect(await engine.confirm(overdue)).toMatchObject({ outcome: "reservation_expired" })
  await expectLawful(pool)
})

test("a key that was used before is answered as before, and refused with another body", async () => {
  for (const [name, made] of Object.entries({ basket: BASKET, sold: SOLD, replacing: REPLACING })) {
    const request = REQUESTS[name as keyof typeof REQUESTS]
    expect(await engine.reserve(request)).toEqual({ outcome: "replayed", reservation: viewOf(made) })
    const another = { ...request, lines: [{ sku: "MUG", quantity: 7 }] }
    const reused = { outcome: "idempotency_key_reused", key: request.idempotencyKey }
    expect(await engine.reserve(another)).toEqual(reused)
  }
  for (const request of Object.values(ADJUST_REQUESTS)) {
    expect(await engine.adjust(request)).toMatchObject({ outcome: "replayed", level: { onHand: 18 } })
    const reused = { outcome: "idempotency_key_reused", key: request.idempotencyKey }
    expect(await engine.adjust({ ...request, delta: 2 })).toEqual(reused)
  }
  await expectLawful(pool)
})

test("what is held can be extended, confirmed, replaced and released", async () => {
  const basket = wireId(BASKET.id)
  const { expiresAt } = viewOf(BASKET)
  // A shorter ttl moves no deadline, and is told as before.
  expect(await engine.extend(basket, { ttlSeconds: 60 })).toMatchObject({
    outcome: "extended",
    reservation: { expiresAt },
  })
  const longer = await engine.extend(basket, { ttlSeconds: 86_400 })
  expect(longer).toMatchObject({ outcome: "extended" })
  expect(await engine.confirm(basket, { reference: "order-2" })).toMatchObject({
    outcome: "confirmed",
    reservation: { state: "confirmed", reference: "order-2" },
  })
  const replaces = wireId(REPLACING.id)
  expect(
    await engine.reserve({ customerId: "c-2", lines: [{ sku: "MUG", quantity: 1 }], replaces }),
  ).toMatchObject({ outcome: "reserved" })
  expect(await engine.release(wireId(HELD.id))).toMatchObject({ outcome: "released" })
  expect(await engine.release(wireId(SOLD.id))).toMatchObject({ outcome: "reservation_confirmed" })
  expect(await engine.availability("MUG")).toMatchObject({ onHand: 19, held: 1 })
  expect(await engine.availability("CUP")).toMatchObject({ onHand: 8, held: 0, available: 6 })
  const { rows } = await pool.query("select reservation_id from earmark.holds")
  expect(rows).toHaveLength(1)
  await expectLawful(pool)
})
