/** A law that cannot go red proves nothing: each is broken by hand, and names what is wrong. */
import type pg from "pg"
import { expect, test } from "vitest"
import { LAWS, verify } from "../../src/postgres/verify.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { type StoredHold, storeHold } from "../support/stored-hold.ts"

interface Breach {
  readonly law: string
  readonly what: string
  /** `$1` is the hold's UUID, `$2` its level. */
  readonly sql: string
  /** What one of the rows must name; the values of `hold` and `level` stand for the hold's UUID and level. */
  readonly names: Readonly<Record<string, unknown>>
}

const LEVEL = "where id = $2 and $1::uuid is not null"
const HOLD = "where id = $1 and $2::int is not null"

const BREACHES: readonly Breach[] = [
  {
    law: "levels-in-bounds",
    what: "more held than on hand",
    sql: `update earmark.stock_levels set held = on_hand + 1 ${LEVEL}`,
    names: { table: "stock_levels", stock_level_id: "level" },
  },
  {
    law: "levels-in-bounds",
    what: "a journal row below nothing",
    sql: "update earmark.journal set held = -1 where stock_level_id = $2 and version = 2 and $1::uuid is not null",
    names: { table: "journal", stock_level_id: "level", version: "2" },
  },
  {
    law: "levels-in-bounds",
    what: "a line of nothing",
    sql: "update earmark.reservation_lines set quantity = 0 where reservation_id = $1 and stock_level_id = $2",
    names: { table: "reservation_lines", stock_level_id: "level" },
  },
  {
    law: "levels-equal-journal",
    what: "a unit that nobody wrote down",
    sql: `update earmark.stock_levels set on_hand = on_hand + 1 ${LEVEL}`,
    names: { stock_level_id: "level", sku: "MUG", on_hand: "6", on_hand_sum: "5" },
  },
  {
    law: "levels-equal-journal",
    what: "a safety stock that nobody wrote down",
    sql: `update earmark.stock_levels set safety_stock = 1 ${LEVEL}`,
    names: { stock_level_id: "level", safety_stock: "1", safety_stock_last: "0" },
  },
  {
    law: "held-equals-holds",
    what: "units held for nobody",
    sql: `update earmark.stock_levels set held = held + 1 ${LEVEL}`,
    names: { stock_level_id: "level", held: "3", recounted: "2" },
  },
  {
    law: "one-end",
    what: "a hold that has ended nowhere but in its row",
    sql: `update earmark.reservations set state = 'released' ${HOLD}`,
    names: { id: "hold", state: "released" },
  },
  {
    law: "one-end",
    what: "a hold that is still held after its end",
    sql: `insert into earmark.journal select stock_level_id, 3, 'confirmed', $1, null, -2, -2, 3, 0, 0, now()
      from earmark.journal where stock_level_id = $2 and version = 2`,
    names: { id: "hold", state: "held" },
  },
  {
    law: "units-add-up",
    what: "units brought in that are nowhere",
    sql: "update earmark.adjustments set delta = delta + 1 where stock_level_id = $2 and $1::uuid is not null",
    names: { sku: "MUG", brought_in: "6" },
  },
  {
    law: "versions-without-gap",
    what: "a version that is missing",
    sql: "update earmark.journal set version = 3 where stock_level_id = $2 and version = 2 and $1::uuid is not null",
    names: { stock_level_id: "level", version: "3", expected_version: "2" },
  },
  {
    law: "versions-without-gap",
    what: "a balance that is not the one before plus the change",
    sql: "update earmark.journal set on_hand = 4 where stock_level_id = $2 and version = 2 and $1::uuid is not null",
    names: { stock_level_id: "level", on_hand: "4", expected_on_hand: "5" },
  },
  {
    law: "versions-without-gap",
    what: "a level ahead of its journal",
    sql: `update earmark.stock_levels set version = version + 1 ${LEVEL}`,
    names: { stock_level_id: "level", version: "3" },
  },
  {
    law: "one-reservation-per-key",
    what: "two reservations with one key",
    sql: "update earmark.reservations set idempotency_key = 'k', fingerprint = 'f' where $1::uuid is not null and $2::int is not null",
    names: { idempotency_key: "k", count: "2" },
  },
  {
    law: "transitions-in-journal",
    what: "a transition of which the journal knows nothing",
    sql: "delete from earmark.journal where stock_level_id = $2 and reservation_id = $1",
    names: { problem: "not in the journal", reservation_id: "hold", stock_level_id: "level", kind: "held" },
  },
  {
    law: "transitions-in-journal",
    what: "a journal row for which nothing happened",
    sql: `insert into earmark.journal select stock_level_id, 3, 'released', $1, null, 0, -2, 5, 0, 0, now()
      from earmark.journal where stock_level_id = $2 and version = 2`,
    names: { problem: "without a transition", reservation_id: "hold", kind: "released" },
  },
  {
    law: "transitions-in-journal",
    what: "a line with another quantity than its journal row",
    sql: "update earmark.reservation_lines set quantity = 1 where reservation_id = $1 and stock_level_id = $2",
    names: { problem: "not in the journal", reservation_id: "hold", quantity: "1" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment of which the journal knows nothing",
    sql: "delete from earmark.journal where stock_level_id = $2 and version = 1 and $1::uuid is not null",
    names: { delta: "5", rows: "0" },
  },
  {
    law: "adjustments-in-journal",
    what: "an adjustment with another delta than its journal row",
    sql: "update earmark.adjustments set delta = 4 where stock_level_id = $2 and $1::uuid is not null",
    names: { delta: "4", on_hand_delta: "5" },
  },
  {
    law: "lines-share-fate",
    what: "a line that has ended before its reservation",
    sql: "update earmark.reservation_lines set held_until = null where reservation_id = $1 and stock_level_id = $2",
    names: { id: "hold", stock_level_id: "level", held_until: null },
  },
  {
    law: "lines-share-fate",
    what: "a reservation without lines",
    sql: "delete from earmark.reservation_lines where reservation_id = $1 and stock_level_id = $2",
    names: { id: "hold", stock_level_id: null },
  },
  {
    law: "ends-on-time",
    what: "a confirmation at the deadline",
    sql: `insert into earmark.journal
      select $2, 3, 'confirmed', $1, null, -2, -2, 3, 0, 0, expires_at from earmark.reservations where id = $1`,
    names: { id: "hold", kind: "confirmed" },
  },
  {
    law: "ends-on-time",
    what: "an expiry before the deadline",
    sql: `insert into earmark.journal
      select $2, 3, 'expired', $1, null, 0, -2, 5, 0, 0, expires_at - interval '1 ms' from earmark.reservations where id = $1`,
    names: { id: "hold", kind: "expired" },
  },
  {
    law: "overdue-is-swept",
    what: "a hold that nobody has swept",
    sql: `update earmark.reservations set expires_at = now() - interval '30 s' ${HOLD}`,
    names: { id: "hold" },
  },
]

test("every law is broken here", () => {
  const broken = new Set(BREACHES.map(({ law }) => law))
  expect(LAWS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([])
})

test("each law goes red when it is broken, and names the row", async () => {
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, 2)
  const hold = await storeHold(pool, { sku: "MUG", onHand: 5, quantity: 2, expiresInMs: 3_600_000 })
  await storeHold(pool, { sku: "CUP", onHand: 5, quantity: 2, expiresInMs: 3_600_000 })
  await expectLawful(pool)
  await dropGuards(pool)
  for (const breach of BREACHES) await expectRed(pool, hold, breach)
  await expectLawful(pool)
  await pool.end()
  await database.drop()
})

/** The tables would refuse every breach: that is what they are for. */
async function dropGuards(pool: pg.Pool): Promise<void> {
  await pool.query(`
    do $$ declare made record; begin
      for made in select conrelid::regclass as owner, conname from pg_constraint c
        join pg_namespace n on n.oid = c.connamespace where n.nspname = 'earmark' and contype in ('c', 'f') loop
        execute format('alter table %s drop constraint %I', made.owner, made.conname);
      end loop;
      for made in select oid::regclass as owner from pg_class
        where relnamespace = 'earmark'::regnamespace and relkind = 'r' loop
        execute format('alter table %s disable trigger all', made.owner);
      end loop;
    end $$;
    drop index earmark.reservations_idempotency_key;
    create schema kept`)
  for (const table of TABLES) await pool.query(`create table kept.${table} (like earmark.${table})`)
}

async function expectRed(pool: pg.Pool, hold: StoredHold, breach: Breach): Promise<void> {
  await copyTables(pool, { from: "earmark", to: "kept" })
  const { rowCount } = await pool.query(breach.sql, [hold.uuid, hold.levelId])
  expect(rowCount, breach.what).toBeGreaterThan(0)
  const reports = await verify(pool, { schema: "earmark", overdueSecondsMax: 5 })
  const report = reports.find(({ id }) => id === breach.law)
  expect(report?.holds, `${breach.law}: ${breach.what}`).toBe(false)
  const standing: Record<string, unknown> = { hold: hold.uuid, level: hold.levelId }
  const names = Object.fromEntries(
    Object.entries(breach.names).map(([name, value]) => [name, standing[String(value)] ?? value]),
  )
  expect(report?.rows.map(asText), breach.what).toContainEqual(expect.objectContaining(asText(names)))
  await copyTables(pool, { from: "kept", to: "earmark" })
}

const TABLES = ["stock_levels", "reservations", "reservation_lines", "adjustments", "journal"]

async function copyTables(pool: pg.Pool, { from, to }: { from: string; to: string }): Promise<void> {
  await pool.query(
    TABLES.map((table) => {
      const copy = `insert into ${to}.${table} overriding system value select * from ${from}.${table}`
      return `delete from ${to}.${table}; ${copy}`
    }).join(";"),
  )
}

/** Numbers come as text or as numbers, by their width. */
function asText(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  )
}
