/**
 * What is left of the books when a period has been dropped proves as much as before: with what was carried over right,
 * every law holds, and off by one it does not.
 */
import type pg from "pg"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createEngine, type Engine } from "../../src/index.ts"
import { verify } from "../../src/postgres/verify.ts"
import { createTestEngine, expectLawful, stock, type TestEngine } from "../support/engine.ts"
import { type Breach, dropGuards, expectRed } from "./breaches.ts"

const DAY_MS = 86_400_000
/** Into the second period, which begins within 30 days. */
const NEXT_PERIOD_DAYS = 45

/** Levels in the order in which they are made, and what the first period leaves of them. */
const MUG = { id: 1, version: 5, onHand: 7, held: 0, safetyStock: 0, sold: 3 }
/** The second period knows nothing of it. */
const CUP = { id: 2, version: 4, onHand: 3, held: 0, safetyStock: 1, sold: 1 }
/** Its last change in the first period was an adjustment, and so is its first one in the second. */
const BOWL = { id: 3, version: 1, onHand: 6, held: 0, safetyStock: 0, sold: 0 }

let t: TestEngine

beforeEach(async () => {
  t = await createTestEngine()
  await firstPeriod(t.engine)
  await t.pool.query("select earmark.open_next_period()")
  const now = Date.now
  vi.spyOn(Date, "now").mockImplementation(() => now() + NEXT_PERIOD_DAYS * DAY_MS)
  const engine = await createEngine({ pool: t.pool, migrate: false })
  await secondPeriod(engine)
  await engine.close()
  vi.restoreAllMocks()
  await expectLawful(t.pool)
})
afterEach(() => t.close())

async function reserve(engine: Engine, sku: string, quantity: number): Promise<string> {
  const answer = await engine.reserve({
    lines: [{ sku, quantity }],
    idempotencyKey: `${sku}-${quantity}`,
  })
  if (answer.outcome !== "reserved") throw new Error(answer.outcome)
  return answer.reservation.id
}

async function firstPeriod(engine: Engine): Promise<void> {
  await stock(engine, "MUG", { LAX: 10 })
  await stock(engine, "CUP", { LAX: 4 })
  await stock(engine, "BOWL", { LAX: 6 })
  await engine.confirm(await reserve(engine, "MUG", 3))
  await engine.release(await reserve(engine, "MUG", 2))
  await engine.setSafetyStock({ sku: "CUP", location: "LAX", safetyStock: 1 })
  await engine.confirm(await reserve(engine, "CUP", 1))
}

async function secondPeriod(engine: Engine): Promise<void> {
  await engine.adjust({ sku: "BOWL", location: "LAX", delta: 2, reason: "received" })
  await engine.confirm(await reserve(engine, "MUG", 1))
  await reserve(engine, "MUG", 4)
  await reserve(engine, "BOWL", 5)
}

async function dropPartition(pool: pg.Pool, table: string): Promise<void> {
  await pool.query(`drop table earmark.${table}_p1`)
}

test("the reservations of a period are gone, and the journal is still there", async () => {
  await dropPartition(t.pool, "idempotency_keys")
  await dropPartition(t.pool, "reservations")
  expect(await redLaws(t.pool)).toEqual(["units-add-up", "transitions-in-journal"])
  await t.pool.query("update earmark.periods set reservations_dropped_at = now() where id = 1")
  expect(await redLaws(t.pool)).toEqual(["units-add-up"])
  await t.pool.query(
    `insert into earmark.carried_over values (${MUG.id}, 0, 0, 0, 0, ${MUG.sold}), (${CUP.id}, 0, 0, 0, 0, ${CUP.sold})`,
  )
  await expectLawful(t.pool)
  await dropGuards(t.pool)
  for (const sold of ["sold + 1", "sold - 1"]) {
    await expectRed(t.pool, {
      law: "units-add-up",
      what: sold,
      sql: `update earmark.carried_over set sold = ${sold} where stock_level_id = ${MUG.id}`,
      names: { sku: "MUG", brought_in: "10", on_hand: "6", sold: sold === "sold + 1" ? "5" : "3" },
    })
  }
})

const OF = ({ id }: { id: number }) => `where stock_level_id = ${id}`
const BREACHES: readonly Breach[] = [
  ...[-1, 1].flatMap((off): Breach[] => [
    {
      law: "units-add-up",
      what: `sold ${off}`,
      sql: `update earmark.carried_over set sold = sold + ${off} ${OF(CUP)}`,
      names: { sku: "CUP", brought_in: "4", on_hand: "3", sold: String(CUP.sold + off) },
    },
    {
      law: "levels-equal-journal",
      what: `on hand ${off}`,
      sql: `update earmark.carried_over set on_hand = on_hand + ${off} ${OF(MUG)}`,
      names: { sku: "MUG", on_hand: "6", on_hand_sum: String(6 + off) },
    },
    {
      law: "levels-equal-journal",
      what: `held ${off}`,
      sql: `update earmark.carried_over set held = held + ${off} ${OF(MUG)}`,
      names: { sku: "MUG", held: "4", held_sum: String(4 + off) },
    },
    {
      law: "levels-equal-journal",
      what: `safety stock ${off}`,
      sql: `update earmark.carried_over set safety_stock = safety_stock + ${off} ${OF(CUP)}`,
      names: { sku: "CUP", safety_stock: "1", safety_stock_last: String(1 + off) },
    },
    {
      law: "versions-without-gap",
      what: `units on hand before the first journal row ${off}`,
      sql: `update earmark.carried_over set on_hand = on_hand + ${off} ${OF(BOWL)}`,
      names: { stock_level_id: String(BOWL.id), on_hand: "8", expected_on_hand: String(8 + off) },
    },
    {
      law: "versions-without-gap",
      what: `units held before the first journal row ${off}`,
      sql: `update earmark.carried_over set held = held + ${off} ${OF(MUG)}`,
      names: { stock_level_id: String(MUG.id), held: "1", expected_held: String(1 + off) },
    },
    {
      law: "versions-without-gap",
      what: `version before the first journal row ${off}`,
      sql: `update earmark.carried_over set version = version + ${off} ${OF(MUG)}`,
      names: {
        stock_level_id: String(MUG.id),
        version: String(MUG.version + 1),
        expected_version: String(MUG.version + 1 + off),
      },
    },
    {
      law: "versions-without-gap",
      what: `version where no journal row follows ${off}`,
      sql: `update earmark.carried_over set version = version + ${off} ${OF(CUP)}`,
      names: {
        stock_level_id: String(CUP.id),
        version: String(CUP.version),
        expected_version: String(CUP.version + off),
      },
    },
  ]),
  {
    law: "adjustments-in-journal",
    what: "an adjustment that should still be in the journal",
    sql: `update earmark.carried_over set version = version - 1 ${OF(BOWL)}`,
    names: { delta: "6", rows: "0" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment that should be in the journal no more",
    sql: `update earmark.carried_over set version = version + 1 ${OF(BOWL)}`,
    names: { id: null, on_hand_delta: "2", rows: "1" },
  },
  {
    law: "levels-equal-journal",
    what: "a level of which nothing was carried over",
    sql: `delete from earmark.carried_over ${OF(CUP)}`,
    names: { sku: "CUP", on_hand: "3", on_hand_sum: null },
  },
]

test("all of a period is gone: what was carried over stands for it, to the unit", async () => {
  for (const table of ["idempotency_keys", "reservations", "journal", "feed"])
    await dropPartition(t.pool, table)
  await t.pool.query(
    `update earmark.periods
     set keys_dropped_at = now(), reservations_dropped_at = now(), journal_dropped_at = now() where id = 1`,
  )
  for (const { id, version, onHand, held, safetyStock, sold } of [MUG, CUP, BOWL]) {
    const row = [id, version, onHand, held, safetyStock, sold].join(", ")
    await t.pool.query(`insert into earmark.carried_over values (${row})`)
  }
  await expectLawful(t.pool)
  await dropGuards(t.pool)
  for (const breach of BREACHES) await expectRed(t.pool, breach)
})

async function redLaws(pool: pg.Pool): Promise<string[]> {
  const reports = await verify(pool, { schema: "earmark" })
  return reports.filter(({ holds }) => !holds).map(({ id }) => id)
}
