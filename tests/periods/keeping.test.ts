import { afterEach, beforeEach, expect, test } from "vitest"
import { keepPeriods } from "../../src/postgres/periods/keep-periods.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { beginDaysAgo } from "./months-ago.ts"

const KEEP = { schema: "earmark", periodDays: 30, retentionDays: null }

let t: TestEngine
beforeEach(async () => {
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 10 })
})
afterEach(() => t.close())

/** A reservation of one mug, ended, made by a clock that is so many days ahead. */
async function reserveAhead(days: number): Promise<string> {
  const { rows } = await t.pool.query<{ id: string }>(
    "select earmark.first_uuid(now() + $1::int * interval '1 day')::text as id",
    [days],
  )
  const id = rows[0]?.id ?? ""
  const engine = t.engine
  const made = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  await engine.release(made.reservation.id)
  // Moving an id is what no guard allows, in the reservation and in the journal.
  const client = await t.pool.connect()
  try {
    await client.query("begin")
    await client.query("set local session_replication_role = replica")
    const uuid = made.reservation.id.slice("rsv_".length)
    await client.query("update earmark.reservations set id = $1 where id = $2::uuid", [id, uuid])
    await client.query("update earmark.journal set reservation_id = $1 where reservation_id = $2::uuid", [
      id,
      uuid,
    ])
    await client.query("commit")
  } finally {
    client.release()
  }
  return id
}

async function periods(): Promise<{ id: number; days: number; open: boolean }[]> {
  const { rows } = await t.pool.query<{ id: number; days: number; open: boolean }>(
    `select id, round(extract(epoch from starts_at - now()) / 86400)::int as days,
       opened_at is not null and closed_at is null as open
     from earmark.periods order by id`,
  )
  return rows
}

test("a period that is over is closed, the next one opened, and another one added", async () => {
  await beginDaysAgo(t.pool, 40)
  expect(await keepPeriods(t.pool, KEEP)).toEqual([
    { step: "added", period: 2 },
    { step: "added", period: 3 },
    { step: "opened", period: 2 },
  ])
  expect(await keepPeriods(t.pool, KEEP)).toEqual([{ step: "added", period: 4 }])
  expect((await periods()).filter(({ open }) => open).map(({ id }) => id)).toEqual([2])
})

test("ids from clocks that are ahead stay where they are, and no period is added over them", async () => {
  const [near, far] = [await reserveAhead(100), await reserveAhead(3_000_000)]
  await beginDaysAgo(t.pool, 0)
  await keepPeriods(t.pool, KEEP)
  await t.pool.query("select earmark.add_period(30), earmark.add_period(30)")
  const { rows } = await t.pool.query("select id::text from earmark.reservations_rest order by id")
  expect(rows).toEqual([{ id: near }, { id: far }])
  // Thirty days each; the one that would have held the near id begins behind it.
  const starts = (await periods()).map(({ days }) => days)
  expect(starts.slice(1).map((days, index) => days - (starts[index] ?? 0))).toEqual([30, 30, 41, 30])
})

test("while somebody has stock in his hands the books stay open, and nobody waits long", async () => {
  await beginDaysAgo(t.pool, 40)
  const client = await t.pool.connect()
  await client.query("begin")
  await client.query("select from earmark.stock_levels for update")
  const steps = await keepPeriods(t.pool, KEEP)
  expect(steps.map(({ step }) => step)).toEqual(["added", "added"])
  await client.query("rollback")
  client.release()
  expect((await keepPeriods(t.pool, KEEP)).map(({ step }) => step)).toContain("opened")
})
