/**
 * Grants that come late, that are reported as lost meanwhile, or that end in the very batch that persists them: each is kept
 * or revoked, never both, and ends as anywhere else.
 */
import { randomUUID } from "node:crypto"
import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { expect, onTestFinished, test } from "vitest"
import type { Grant } from "../../src/core/allotments.ts"
import type { Command } from "../../src/core/commands.ts"
import { toWireId } from "../../src/core/ids.ts"
import { createIds } from "../../src/engine/context.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { createEngine } from "../../src/index.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { expectLawful, stock } from "../support/engine.ts"
import { FeedReader } from "../support/feed-reader.ts"
import { eventually } from "../support/hot-shop.ts"

async function scene() {
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, 6)
  onTestFinished(async () => {
    await expectLawful(pool)
    await pool.end()
    await database.drop()
  })
  const engine = await createEngine({ pool, migrate: false })
  await stock(engine, "MUG", { LAX: 10 })
  const postgres = STRATEGY_FACTORIES.batched({ pool, schema: "earmark", observer: SILENT_OBSERVER })
  onTestFinished(async () => {
    await postgres.close()
    await engine.close()
  })
  await postgres.submit({ kind: "allot", sku: "MUG", location: "LAX", epoch: 1, allottedTotal: 5 })
  const persist = (grant: Grant) => ({ kind: "persist", epoch: 1, grants: [grant] }) as const
  const revoke = (grant: Grant) => ({ kind: "revoke_lost", epoch: 1, grants: [grant] }) as const
  return { pool, engine, postgres, reader: await FeedReader.at(engine), persist, revoke }
}

function newGrant(createdAtMs = Date.now()): Grant {
  return {
    id: createIds().next(1),
    customerId: null,
    lines: [{ sku: "MUG", location: "LAX", quantity: 1 }],
    ttlSeconds: 600,
    createdAtMs,
    metadata: {},
    key: { key: randomUUID(), fingerprint: randomUUID() },
  }
}

/** Runs in a transaction that commits when the other call waits for its locks, or is done. */
async function whileHeld<T>(
  pool: pg.Pool,
  within: (tx: pg.PoolClient) => Promise<unknown>,
  call: () => Promise<T>,
): Promise<T> {
  const tx = await pool.connect()
  try {
    await tx.query("begin")
    await within(tx)
    let isDone = false
    const called = call().finally(() => {
      isDone = true
    })
    await eventually(async () => isDone || (await isWaiting(pool)), "it waits, or is done")
    await tx.query("commit")
    return await called
  } finally {
    // Whatever is left open ends with it.
    tx.release(true)
  }
}

async function isWaiting(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  )
  await pause(1)
  return rows.length > 0
}

test("what is being persisted is not revoked", async () => {
  const { pool, engine, postgres, reader, persist, revoke } = await scene()
  const grant = newGrant()
  const outcome = await whileHeld(
    pool,
    (tx) => postgres.submitWithin(tx, persist(grant)),
    () => postgres.submit(revoke(grant)),
  )
  expect(outcome).toEqual({ outcome: "revoked", revokedIds: [] })
  expect(await engine.reservation(toWireId(grant.id))).toMatchObject({ durability: "durable" })
  await reader.readAll()
  expect(reader.ofType("reservation.revoked")).toEqual([])
})

test("what is being revoked is not persisted, and is told of once", async () => {
  const { pool, engine, postgres, reader, persist, revoke } = await scene()
  const grant = newGrant()
  await whileHeld(
    pool,
    (tx) => postgres.submitWithin(tx, revoke(grant)),
    () => postgres.submit(persist(grant)),
  )
  expect(await postgres.submit(revoke(grant))).toEqual({ outcome: "revoked", revokedIds: [] })
  expect(await engine.reservation(toWireId(grant.id))).toBeNull()
  expect(await engine.availability("MUG")).toMatchObject({ held: 0 })
  await reader.readAll()
  expect(reader.ofType("reservation.revoked").map(({ subject }) => subject)).toEqual([toWireId(grant.id)])
})

test("what lay aside for years is persisted all the same, with the deadline that it was answered with", async () => {
  const { engine, postgres, persist } = await scene()
  const grant = newGrant(Date.UTC(2001, 0))
  expect(await postgres.submit(persist(grant))).toMatchObject({ revokedIds: [] })
  expect(await engine.reservation(toWireId(grant.id))).toMatchObject({
    state: "expired",
    expiresAt: new Date(Date.UTC(2001, 0, 1, 0, 10)),
  })
})

const ENDS = {
  confirm: [{ reference: "o-1" }, { state: "confirmed", reference: "o-1" }],
  release: [{ reason: null }, { state: "released" }],
  extend: [
    { ttlSeconds: 900, lifetimeMaxSeconds: 3600 },
    { state: "held", ttlSeconds: 600 },
  ],
} as const

test.each(Object.entries(ENDS))(
  "what is persisted is there for a %s in the same batch",
  async (kind, [more, after]) => {
    const { engine, postgres, persist } = await scene()
    const grant = newGrant()
    const end = { kind, id: grant.id, ...more } as Command
    // While the lane is at the first one, the others gather behind it.
    const [, , outcome] = await Promise.all([
      postgres.submit(persist(newGrant())),
      postgres.submit(persist(grant)),
      postgres.submit(end),
    ])
    expect(outcome).toMatchObject({ reservation: after })
    const stored = await engine.reservation(toWireId(grant.id))
    expect(stored).toMatchObject(after)
    if ("reservation" in outcome) expect(stored?.expiresAt).toEqual(outcome.reservation.expiresAt)
    expect(await engine.availability("MUG")).toMatchObject({ held: after.state === "held" ? 2 : 1 })
  },
)
