/** What the tables refuse whoever asks: statements typed by hand, each refused by the constraint that is named. */
import type pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

let t: TestEngine
let levelId: number

beforeAll(async () => {
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 10 })
  const lines = [{ sku: "MUG", quantity: 2 }]
  await t.engine.reserve({ lines, idempotencyKey: "held" })
  const sold = await t.engine.reserve({ lines, idempotencyKey: "sold" })
  if (sold.outcome === "reserved") await t.engine.confirm(sold.reservation.id)
  const { rows } = await t.pool.query<{ id: number }>("select id from earmark.stock_levels")
  levelId = rows[0]?.id ?? 0
})
afterAll(() => t.close())

const RESERVATION = `insert into earmark.reservations (id, state, ttl_seconds, created_at, expires_at, updated_at,
  idempotency_key, fingerprint)`
const JOURNAL = `insert into earmark.journal (stock_level_id, version, kind, reservation_id, adjustment_id,
  on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at)`
const SOLD = "(select id from earmark.reservations where idempotency_key = 'sold')"
const ADJUSTMENT = "(select id from earmark.adjustments limit 1)"
const SOME_UUID = "'00000000-0000-7000-8000-000000000000'"
/** What may follow in the journal of the level. */
const NEXT = `select stock_level_id, version + 1, 'extended', RESERVATION, null::uuid, 0, 0, on_hand, held, 0, now()
  from earmark.journal where stock_level_id = LEVEL order by version desc limit 1`

/** By what is tried: the constraint that refuses it, and the statement; LEVEL stands for the id of the level. */
const REFUSED: Record<string, readonly [constraint: string, sql: string]> = {
  "more held than on hand": ["stock_levels_held_check", "update earmark.stock_levels set held = on_hand + 1"],
  "less held than nothing": ["stock_levels_held_check", "update earmark.stock_levels set held = -1"],
  "less on hand than is held": [
    "stock_levels_held_check",
    "update earmark.stock_levels set on_hand = held - 1",
  ],
  "more on hand than the limit": [
    "stock_levels_on_hand_check",
    "update earmark.stock_levels set on_hand = 1000000000001",
  ],
  "a negative safety stock": [
    "stock_levels_safety_stock_check",
    "update earmark.stock_levels set safety_stock = -1",
  ],
  "a negative version": ["stock_levels_version_check", "update earmark.stock_levels set version = -1"],
  "a second level of a sku and location": [
    "stock_levels_sku_location_key",
    "insert into earmark.stock_levels (sku, location) values ('MUG', 'LAX')",
  ],
  "a level of an unknown item": [
    "stock_levels_sku_items_sku_fk",
    "insert into earmark.stock_levels (sku, location) values ('CUP', 'LAX')",
  ],
  "a level at an unknown location": [
    "stock_levels_location_locations_code_fk",
    "insert into earmark.stock_levels (sku, location) values ('MUG', 'JFK')",
  ],
  "a second reservation with a key": [
    "reservations_idempotency_key",
    `${RESERVATION} values (${SOME_UUID}, 'held', 1, now(), now() + interval '1 s', now(), 'held', 'f')`,
  ],
  "a key without a fingerprint": [
    "reservations_fingerprint_check",
    `${RESERVATION} values (${SOME_UUID}, 'held', 1, now(), now() + interval '1 s', now(), 'new', null)`,
  ],
  "a state that is none": [
    "reservations_state_check",
    `${RESERVATION} values (${SOME_UUID}, 'paid', 1, now(), now() + interval '1 s', now(), null, null)`,
  ],
  "a deadline before the hold begins": [
    "reservations_expires_at_check",
    `${RESERVATION} values (${SOME_UUID}, 'held', 1, now(), now(), now(), null, null)`,
  ],
  "a final state that changes": [
    "reservations_final_state",
    "update earmark.reservations set state = 'held' where state = 'confirmed'",
  ],
  "a final state that becomes another": [
    "reservations_final_state",
    "update earmark.reservations set state = 'released' where state = 'confirmed'",
  ],
  "a change of the journal": ["journal_append_only", "update earmark.journal set reason = 'another'"],
  "a deletion from the journal": ["journal_append_only", "delete from earmark.journal where version = 2"],
  "an empty journal": ["journal_append_only", "truncate earmark.journal"],
  "a version used again": [
    "journal_pkey",
    `${JOURNAL} values (LEVEL, 1, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now())`,
  ],
  "version zero": [
    "journal_version_check",
    `${JOURNAL} values (LEVEL, 0, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now())`,
  ],
  "a journal row with more held than on hand": [
    "journal_held_check",
    `${JOURNAL} values (LEVEL, 99, 'held', ${SOLD}, null, 0, 1, 10, 11, 0, now())`,
  ],
  "a kind that is none": [
    "journal_kind_check",
    `${JOURNAL} values (LEVEL, 99, 'lost', null, null, 0, 0, 10, 0, 0, now())`,
  ],
  "a confirmation that lowers only what is held": [
    "journal_kind_check",
    `${JOURNAL} values (LEVEL, 99, 'confirmed', ${SOLD}, null, 0, -1, 10, 0, 0, now())`,
  ],
  "an adjustment that names none": [
    "journal_kind_check",
    `${JOURNAL} values (LEVEL, 99, 'adjusted', null, null, 1, 0, 10, 0, 0, now())`,
  ],
  "a journal row of an unknown level": [
    "journal_known_reference",
    `${JOURNAL} values (999999, 1, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now())`,
  ],
  "a journal row of an unknown reservation": [
    "journal_known_reference",
    `${JOURNAL} ${NEXT.replace("RESERVATION", SOME_UUID)}`,
  ],
  "a journal row of an unknown adjustment": [
    "journal_adjustment_id_adjustments_id_fk",
    `${JOURNAL} values (LEVEL, 99, 'adjusted', null, ${SOME_UUID}, 1, 0, 10, 0, 0, now())`,
  ],
  "a line of an unknown level": [
    "reservation_lines_known_reference",
    `insert into earmark.reservation_lines values (${SOLD}, 999999, 1, null)`,
  ],
  "a line of an unknown reservation": [
    "reservation_lines_known_reference",
    `insert into earmark.reservation_lines values (${SOME_UUID}, LEVEL, 1, null)`,
  ],
  "a line of nothing": [
    "reservation_lines_quantity_check",
    `insert into earmark.reservation_lines values (${SOLD}, LEVEL, 0, null)`,
  ],
  "a second line for a level": [
    "reservation_lines_pkey",
    `insert into earmark.reservation_lines values (${SOLD}, LEVEL, 1, null)`,
  ],
  "a journal row that leaves a version out": [
    "journal_unbroken_chain",
    `${JOURNAL} ${NEXT.replace("RESERVATION", SOLD).replace("version + 1", "version + 2")}`,
  ],
  "a journal row whose balance does not follow": [
    "journal_unbroken_chain",
    `${JOURNAL} ${NEXT.replace("RESERVATION", SOLD).replace("on_hand,", "on_hand + 1,")}`,
  ],
  "a line that becomes another": [
    "reservation_lines_never_changed",
    "update earmark.reservation_lines set quantity = quantity + 1",
  ],
  "an adjustment that becomes another": [
    "adjustments_never_changed",
    "update earmark.adjustments set delta = delta + 1",
  ],
  "an adjustment of nothing": [
    "adjustments_delta_check",
    `insert into earmark.adjustments (id, stock_level_id, delta) values (${SOME_UUID}, LEVEL, 0)`,
  ],
}
for (const table of ["stock_levels", "reservations", "reservation_lines", "adjustments"]) {
  REFUSED[`a deletion from ${table}`] = [`${table}_never_deleted`, `delete from earmark.${table}`]
  REFUSED[`an empty ${table}`] = [`${table}_never_deleted`, `truncate earmark.${table} cascade`]
}

test.each(Object.entries(REFUSED))("refused: %s", async (_, [constraint, sql]) => {
  const error = await refusal(t.pool, sql.replaceAll("LEVEL", String(levelId)))
  expect(error).toMatchObject({ severity: "ERROR", constraint })
})

async function refusal(pool: pg.Pool, sql: string): Promise<unknown> {
  return pool.query(sql).then(
    ({ command, rowCount }) => `${command} ${rowCount} went through`,
    (error: unknown) => error,
  )
}
