/** Nor does it help to name a partition: each refuses what the whole table refuses, and a closed one refuses all. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { digestOf } from "../../src/engine/digest.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { JOURNAL_COLUMNS, madeWith, nextEntry, refusal, SOME_UUID } from "./refusal.ts"

let t: TestEngine

/** One that is closed, one that is open, two that are to come; the last one is added to the three of every database. */
const PERIODS = [1, 2, 3, 4]
const [CLOSED, OPEN] = PERIODS
const MUG = 1
const SOLD = madeWith("sold")

beforeAll(async () => {
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 10 })
  const sold = await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 2 }], idempotencyKey: "sold" })
  if (sold.outcome === "reserved") await t.engine.confirm(sold.reservation.id)
  const { rows } = await t.pool.query(
    "select earmark.add_period(30) as added, earmark.open_next_period() as opened",
  )
  expect(rows).toEqual([{ added: PERIODS.at(-1), opened: OPEN }])
})
afterAll(() => t.close())

async function expectRefused(by: string | object, sql: string): Promise<void> {
  const told = typeof by === "string" ? { constraint: by } : by
  expect(await refusal(t.pool, sql), sql).toMatchObject({ severity: "ERROR", ...told })
}

describe.each(PERIODS)("period %s", (period) => {
  test("its journal is append-only", async () => {
    const partition = `earmark.journal_p${period}`
    await expectRefused("journal_append_only", `update ${partition} set reason = 'another'`)
    await expectRefused("journal_append_only", `delete from ${partition}`)
    await expectRefused("journal_append_only", `truncate ${partition}`)
  })

  test("its keys stay what they are", async () => {
    const partition = `idempotency_keys_p${period}`
    await expectRefused(
      `${partition}_never_changed`,
      `update earmark.${partition} set fingerprint = ${SOME_UUID}`,
    )
    await expectRefused(`${partition}_never_deleted`, `delete from earmark.${partition}`)
    await expectRefused(`${partition}_never_deleted`, `truncate earmark.${partition}`)
  })
})

test.each(PERIODS.filter((period) => period !== CLOSED))(
  "the journal of period %s tells of what exists, and of its level as it is",
  async (period) => {
    const insert = `insert into earmark.journal_p${period} ${JOURNAL_COLUMNS}`
    const said = { period: String(period) }
    // Those that are not open yet tell of nothing.
    const constraint = period === OPEN ? "journal_unbroken_chain" : "journal_known_reference"
    await expectRefused(constraint, `${insert} ${nextEntry(MUG, said)}`)
    const unknown = nextEntry(MUG, { ...said, reservation: SOME_UUID })
    await expectRefused("journal_known_reference", `${insert} ${unknown}`)
  },
)

describe.each([...PERIODS.map((period) => `reservations_p${period}`), "reservations_rest"])(
  "%s",
  (partition) => {
    test("nothing goes", async () => {
      await expectRefused(`${partition}_never_deleted`, `delete from earmark.${partition}`)
      await expectRefused(`${partition}_never_deleted`, `truncate earmark.${partition}`)
    })

    test("a final state is final, and a line stays what it was", async () => {
      // One of its own: these guards look at rows.
      const made = `
      insert into earmark.reservations (id, state, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at)
      select ${SOME_ID[partition] ?? ""}, 'confirmed', '{1}', '{1}', 1, now(), now() + interval '1 s', now();`
      await expectRefused(
        "reservations_final_state",
        `${made} update earmark.${partition} set state = 'released'`,
      )
      await expectRefused(
        `${partition}_never_changed`,
        `${made} update earmark.${partition} set quantities = '{2}'`,
      )
    })
  },
)

/** In SQL: an id that lies in the partition. */
const SOME_ID: Record<string, string> = {
  ...Object.fromEntries(
    PERIODS.map((period) => [
      `reservations_p${period}`,
      `(select earmark.first_uuid(starts_at + interval '1 hour') from earmark.periods where id = ${period})`,
    ]),
  ),
  reservations_rest: "(select earmark.first_uuid(max(ends_at)) from earmark.periods)",
}

describe("a closed period", () => {
  const closed = { code: "40001", constraint: "periods_closed" }
  const key = `values (${SOME_UUID}, ${SOLD}, ${SOME_UUID}, ${CLOSED})`
  test.each(["journal", `journal_p${CLOSED}`])("takes no entry any more: %s", async (table) => {
    await expectRefused(closed, `insert into earmark.${table} ${JOURNAL_COLUMNS} ${nextEntry(MUG, {})}`)
  })
  test.each(["idempotency_keys", `idempotency_keys_p${CLOSED}`])(
    "takes no key any more: %s",
    async (table) => {
      await expectRefused(closed, `insert into earmark.${table} ${key}`)
    },
  )
})

describe("what was carried over", () => {
  test("stays", async () => {
    await expectRefused("carried_over_never_deleted", "delete from earmark.carried_over")
    await expectRefused("carried_over_never_deleted", "truncate earmark.carried_over")
  })
  test("is of a level, once", async () => {
    const insert = "insert into earmark.carried_over values"
    await expectRefused("carried_over_stock_level_id_stock_levels_id_fk", `${insert} (999999, 1, 0, 0, 0, 0)`)
    await expectRefused("carried_over_pkey", `${insert} (${MUG}, 1, 0, 0, 0, 0), (${MUG}, 2, 0, 0, 0, 0)`)
  })
})

describe("the periods", () => {
  test("only one is open", async () => {
    await expectRefused("periods_open_key", "update earmark.periods set opened_at = now() where id = 3")
    await expectRefused(
      "periods_never_changed",
      `update earmark.periods set closed_at = null where id = ${CLOSED}`,
    )
  })
  test("none is forgotten, moved, or opened again", async () => {
    await expectRefused("periods_never_deleted", "delete from earmark.periods where id = 4")
    await expectRefused("periods_never_deleted", "truncate earmark.periods")
    await expectRefused(
      "periods_never_changed",
      "update earmark.periods set starts_at = starts_at - interval '1 day'",
    )
    await expectRefused(
      "periods_never_changed",
      `update earmark.periods set opened_at = null where id = ${OPEN}`,
    )
  })
  test("each ends after it begins, and is closed after it was opened", async () => {
    await expectRefused("periods_ends_at_check", "insert into earmark.periods values (9, now(), now())")
    await expectRefused(
      "periods_closed_at_check",
      `update earmark.periods set closed_at = opened_at - interval '1 ms' where id = ${OPEN}`,
    )
    await expectRefused("periods_pkey", "insert into earmark.periods select * from earmark.periods")
  })
  test("there is always one to open, or nothing changes", async () => {
    const open = "select earmark.open_next_period();"
    await expectRefused({ code: "55000" }, `${open} ${open} ${open}`)
    const { rows } = await t.pool.query(
      "select id from earmark.periods where opened_at <= now() and closed_at is null",
    )
    expect(rows).toEqual([{ id: OPEN }])
  })
})

test("a key of a closed period is still the key of its reservation", async () => {
  expect(
    await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 2 }], idempotencyKey: "sold" }),
  ).toMatchObject({
    outcome: "replayed",
    reservation: { state: "confirmed" },
  })
  expect(
    await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "sold" }),
  ).toMatchObject({
    outcome: "idempotency_key_reused",
  })
  const { rows } = await t.pool.query("select period from earmark.idempotency_keys where digest = $1", [
    digestOf("sold"),
  ])
  expect(rows).toEqual([{ period: CLOSED }])
})
