/** What the tables refuse whoever asks: statements typed by hand, each refused by the constraint that is named. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { digestOf } from "../../src/engine/digest.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { JOURNAL_COLUMNS, madeWith, nextEntry, refusal, reservation, SOME_UUID } from "./refusal.ts"

let t: TestEngine

beforeAll(async () => {
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 10 })
  await stock(t.engine, "CUP", { LAX: 0 })
  const level = { sku: "CUP", location: "LAX" }
  await t.engine.adjust({ ...level, delta: 10, reason: "received", idempotencyKey: "received" })
  const lines = [{ sku: "MUG", quantity: 2 }]
  await t.engine.reserve({ lines, customerId: "c-1", idempotencyKey: "held" })
  const sold = await t.engine.reserve({ lines, customerId: "c-1", idempotencyKey: "sold" })
  if (sold.outcome === "reserved") await t.engine.confirm(sold.reservation.id)
  const { rows } = await t.pool.query("select id from earmark.stock_levels order by id")
  expect(rows).toEqual([{ id: MUG }, { id: CUP }])
})
afterAll(() => t.close())

/** Levels, in the order in which they are made. */
const MUG = 1
const CUP = 2
const HELD = madeWith("held")
const SOLD = madeWith("sold")
const ADJUSTMENT = `(select id from earmark.adjustments where stock_level_id = ${MUG})`

const NOT_NULL_VIOLATION = "23502"
const CHECK_VIOLATION = "23514"

/** By what is tried: what refuses it, a constraint or what else the error tells, and the statement. */
type Refused = Readonly<Record<string, readonly [by: string | object, sql: string]>>

const LEVELS: Refused = {
  "more held than on hand": [
    "stock_levels_held_check",
    "update earmark.stock_levels set held = on_hand + 1, version = version + 1",
  ],
  "less held than nothing": [
    "stock_levels_held_check",
    "update earmark.stock_levels set held = -1, version = version + 1",
  ],
  "less on hand than is held": [
    "stock_levels_held_check",
    `update earmark.stock_levels set on_hand = held - 1, version = version + 1 where id = ${MUG}`,
  ],
  "more on hand than the limit": [
    "stock_levels_on_hand_check",
    "update earmark.stock_levels set on_hand = 1000000000001, version = version + 1",
  ],
  "a negative safety stock": [
    "stock_levels_safety_stock_check",
    "update earmark.stock_levels set safety_stock = -1, version = version + 1",
  ],
  "a balance corrected by hand": [
    "stock_levels_new_version",
    "update earmark.stock_levels set on_hand = 500",
  ],
  "units held by hand": ["stock_levels_new_version", "update earmark.stock_levels set held = held + 1"],
  "a negative version": ["stock_levels_version_check", "update earmark.stock_levels set version = -1"],
  "a second level of a sku and location": [
    "stock_levels_sku_location_key",
    "insert into earmark.stock_levels (sku, location) values ('MUG', 'LAX')",
  ],
  "a level of an unknown item": [
    "stock_levels_sku_items_sku_fk",
    "insert into earmark.stock_levels (sku, location) values ('TEAPOT', 'LAX')",
  ],
  "a level at an unknown location": [
    "stock_levels_location_locations_code_fk",
    "insert into earmark.stock_levels (sku, location) values ('MUG', 'JFK')",
  ],
  "a deletion": ["stock_levels_never_deleted", "delete from earmark.stock_levels"],
  "an empty table": ["stock_levels_never_deleted", "truncate earmark.stock_levels cascade"],
}

const reserve = (values: Parameters<typeof reservation>[1]) =>
  `insert into earmark.reservations ${reservation(MUG, values)}`
const RESERVATIONS: Refused = {
  "a state that is none": ["reservations_state_check", reserve({ state: "'paid'" })],
  "a deadline before the hold begins": ["reservations_expires_at_check", reserve({ expiresAt: "now()" })],
  "no line": ["reservations_lines_check", reserve({ levels: "'{}'", quantities: "'{}'" })],
  "a level without a quantity": [
    "reservations_lines_check",
    reserve({ levels: `'{${MUG},${CUP}}'`, quantities: "'{1}'" }),
  ],
  "a quantity without a level": ["reservations_lines_check", reserve({ quantities: "'{1,1}'" })],
  "a line of nothing": ["reservations_quantities_check", reserve({ quantities: "'{0}'" })],
  "one line of nothing among others": [
    "reservations_quantities_check",
    reserve({ levels: `'{${MUG},${CUP}}'`, quantities: "'{1,0}'" }),
  ],
  "a line of nobody knows how many": ["reservations_quantities_check", reserve({ quantities: "'{null}'" })],
  "a second reservation with an id": ["reservations_p1_pkey", reserve({}).replace(SOME_UUID, HELD)],
  "a final state that changes": [
    "reservations_final_state",
    "update earmark.reservations set state = 'held' where state = 'confirmed'",
  ],
  "a final state that becomes another": [
    "reservations_final_state",
    "update earmark.reservations set state = 'released' where state = 'confirmed'",
  ],
  "another quantity": ["reservations_p1_never_changed", "update earmark.reservations set quantities = '{3}'"],
  "another level": [
    "reservations_p1_never_changed",
    `update earmark.reservations set stock_level_ids = '{${CUP}}'`,
  ],
  "another customer": [
    "reservations_p1_never_changed",
    "update earmark.reservations set customer_id = 'c-2'",
  ],
  "no customer": ["reservations_p1_never_changed", "update earmark.reservations set customer_id = null"],
  "another beginning": [
    "reservations_p1_never_changed",
    "update earmark.reservations set created_at = created_at - interval '1 s'",
  ],
  "another id": [
    "reservations_p1_never_changed",
    `update earmark.reservations set id = ${SOME_UUID} where id = ${HELD}`,
  ],
  "an id of another period": [
    "reservations_p1_never_changed",
    `update earmark.reservations set id = earmark.first_uuid(now() + interval '45 days') where id = ${HELD}`,
  ],
  "a deletion": ["reservations_never_deleted", "delete from earmark.reservations"],
  "an empty table": ["reservations_never_deleted", "truncate earmark.reservations"],
}

/** A reservation made by hand, and a hold beside it. */
const hold = ({ state = "'held'", id = "made.id", quantity = "1" }) =>
  `with made as (insert into earmark.reservations ${reservation(MUG, { state })} returning id, expires_at)
   insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
   select ${MUG}, made.expires_at, ${id}, ${quantity} from made`
const HOLDS: Refused = {
  "a hold of an unknown reservation": [
    "holds_known_reservation",
    hold({ id: SOME_UUID.replace("0'", "1'") }),
  ],
  "a hold of a reservation that has ended": ["holds_known_reservation", hold({ state: "'released'" })],
  "a second hold for a line": ["holds_pkey", "insert into earmark.holds select * from earmark.holds"],
  "a hold of nothing": ["holds_quantity_check", hold({ quantity: "0" })],
  "a hold that goes before its reservation has ended": ["holds_ended", "delete from earmark.holds"],
  "another quantity": ["holds_never_changed", "update earmark.holds set quantity = quantity + 1"],
  "another level": ["holds_never_changed", `update earmark.holds set stock_level_id = ${CUP}`],
  "another reservation": ["holds_never_changed", `update earmark.holds set reservation_id = ${SOLD}`],
  "an empty table": ["holds_never_deleted", "truncate earmark.holds"],
}

const claim = (period: string, fingerprint = SOME_UUID) =>
  `insert into earmark.idempotency_keys values ('${digestOf("held")}', ${SOLD}, ${fingerprint}, ${period})`
const KEYS: Refused = {
  "a second reservation with a key": ["idempotency_keys_p1_pkey", claim("1")],
  "a key without a fingerprint": [{ code: NOT_NULL_VIOLATION, column: "fingerprint" }, claim("1", "null")],
  "a key of no period": [{ code: CHECK_VIOLATION, table: "idempotency_keys" }, claim("99")],
  "a key that becomes another's": [
    "idempotency_keys_never_changed",
    `update earmark.idempotency_keys set reservation_id = ${SOLD}`,
  ],
  "a deletion": ["idempotency_keys_never_deleted", "delete from earmark.idempotency_keys"],
  "an empty table": ["idempotency_keys_never_deleted", "truncate earmark.idempotency_keys"],
}

const adjustment = (values: string) =>
  `insert into earmark.adjustments (id, stock_level_id, version, delta, idempotency_key, fingerprint) values (${SOME_UUID}, ${values})`
const ADJUSTMENTS: Refused = {
  "an adjustment of nothing": ["adjustments_delta_check", adjustment(`${MUG}, 9, 0, null, null`)],
  "an adjustment of an unknown level": [
    "adjustments_stock_level_id_stock_levels_id_fk",
    adjustment("999999, 1, 1, null, null"),
  ],
  "a key without a fingerprint": ["adjustments_fingerprint_check", adjustment(`${MUG}, 9, 1, 'k', null`)],
  "a fingerprint without a key": [
    "adjustments_fingerprint_check",
    adjustment(`${MUG}, 9, 1, null, ${SOME_UUID}`),
  ],
  "a second adjustment with a key": [
    "adjustments_idempotency_key",
    adjustment(`${MUG}, 9, 1, 'received', ${SOME_UUID}`),
  ],
  "an adjustment without its version": [
    { code: NOT_NULL_VIOLATION, column: "version" },
    adjustment(`${MUG}, null, 1, null, null`),
  ],
  "an adjustment that becomes another": [
    "adjustments_never_changed",
    "update earmark.adjustments set delta = delta + 1",
  ],
  "a deletion": ["adjustments_never_deleted", "delete from earmark.adjustments"],
  "an empty table": ["adjustments_never_deleted", "truncate earmark.adjustments"],
}

const write = (rows: string) => `insert into earmark.journal ${JOURNAL_COLUMNS} ${rows}`
/** Beside a change of the level, as it should be; both see the level as it was before. */
const writeWith = (change: string, ...entries: Parameters<typeof nextEntry>[1][]) =>
  `with changed as (update earmark.stock_levels set ${change} where id = ${MUG})
   ${write(entries.map((entry) => `(${nextEntry(MUG, entry)})`).join(" union all "))}`
const ONE = "version = version + 1"
const TWO = "version = version + 2"
const SECOND = { version: "version + 2" }

const JOURNAL: Refused = {
  "a change": ["journal_append_only", "update earmark.journal set reason = 'another'"],
  "a deletion": ["journal_append_only", "delete from earmark.journal where version = 2"],
  "an empty table": ["journal_append_only", "truncate earmark.journal"],
  "a version used again": ["journal_p1_pkey", write(nextEntry(MUG, { version: "version" }))],
  "an earlier version used again": [
    "journal_unbroken_chain",
    write(`values (${MUG}, 99, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now(), 1)`),
  ],
  "a period that is not open yet": ["journal_known_reference", writeWith(ONE, { period: "2" })],
  "a period that is none": [{ code: CHECK_VIOLATION, table: "journal" }, writeWith(ONE, { period: "99" })],
  "version zero": [
    "journal_version_check",
    write(`values (${MUG}, 0, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now(), 1)`),
  ],
  "more held than on hand": ["journal_held_check", writeWith(ONE, { held: "on_hand + 1" })],
  "a kind that is none": [
    "journal_kind_check",
    write(`values (${MUG}, 99, 'lost', null, null, 0, 0, 10, 0, 0, now(), 1)`),
  ],
  "a confirmation that lowers only what is held": [
    "journal_kind_check",
    write(`values (${MUG}, 99, 'confirmed', ${SOLD}, null, 0, -1, 10, 0, 0, now(), 1)`),
  ],
  "an adjustment that names none": [
    "journal_kind_check",
    write(`values (${MUG}, 99, 'adjusted', null, null, 1, 0, 10, 0, 0, now(), 1)`),
  ],
  "an unknown level": [
    "journal_unbroken_chain",
    write(`values (999999, 1, 'adjusted', null, ${ADJUSTMENT}, 10, 0, 10, 0, 0, now(), 1)`),
  ],
  "an unknown reservation": ["journal_known_reference", writeWith(ONE, { reservation: SOME_UUID })],
  "one unknown reservation among others": [
    "journal_known_reference",
    writeWith(TWO, {}, { ...SECOND, reservation: SOME_UUID }),
  ],
  "an unknown adjustment": [
    "journal_known_reference",
    write(`values (${MUG}, 99, 'adjusted', null, ${SOME_UUID}, 1, 0, 10, 0, 0, now(), 1)`),
  ],
  "what its level knows nothing of": ["journal_unbroken_chain", write(nextEntry(MUG, {}))],
  "another version than its level's": ["journal_unbroken_chain", writeWith(ONE, { version: "version + 2" })],
  "other units on hand than its level's": [
    "journal_unbroken_chain",
    writeWith(ONE, { onHand: "on_hand + 1" }),
  ],
  "other units held than its level's": ["journal_unbroken_chain", writeWith(ONE, { held: "held + 1" })],
  "another safety stock than its level's": ["journal_unbroken_chain", writeWith(ONE, { safetyStock: "1" })],
  "a version left out between two rows": [
    "journal_unbroken_chain",
    writeWith("version = version + 3", {}, { version: "version + 3" }),
  ],
  "units on hand that do not follow from the row before": [
    "journal_unbroken_chain",
    writeWith(`${TWO}, on_hand = on_hand + 1`, {}, { ...SECOND, onHand: "on_hand + 1" }),
  ],
  "units held that do not follow from the row before": [
    "journal_unbroken_chain",
    writeWith(`${TWO}, held = held + 1`, {}, { ...SECOND, held: "held + 1" }),
  ],
}

const TABLES = { LEVELS, RESERVATIONS, HOLDS, KEYS, ADJUSTMENTS, JOURNAL }

describe.each(Object.entries(TABLES))("refused of %s", (_, refused) => {
  test.each(Object.entries(refused))("%s", async (_what, [by, sql]) => {
    const error = await refusal(t.pool, sql)
    const told = typeof by === "string" ? { constraint: by } : by
    expect(error).toMatchObject({ severity: "ERROR", ...told })
  })
})

test("what is beside the guards is let through", async () => {
  const lawful = {
    reservation: reserve({}),
    hold: hold({}),
    key: `insert into earmark.idempotency_keys values (${SOME_UUID}, ${SOLD}, ${SOME_UUID}, 1)`,
    adjustment: adjustment(`${MUG}, 9, 1, 'k', ${SOME_UUID}`),
    journal: writeWith(TWO, {}, SECOND),
  }
  for (const [what, sql] of Object.entries(lawful)) {
    expect(await refusal(t.pool, sql), what).toMatch(/went through$/)
  }
})
