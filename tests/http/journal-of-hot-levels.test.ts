/** A reservation among very many changes: its beginning and its end are found, and what was not looked for is said. */
import { afterAll, beforeAll, expect, test } from "vitest"
import type { ReservationJournal } from "../../src/index.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

/** More than are looked through. */
const CHANGES = 110_000

let t: TestEngine
beforeAll(async () => {
  t = await createTestEngine()
  await stock(t.engine, "HOT", { LAX: 10 })
  await stock(t.engine, "QUIET", { LAX: 10 })
})
afterAll(() => t.close())

/** As if the safety stock had been set again and again; what would refuse so many at once is told not to look. */
async function changeHotLevel(): Promise<void> {
  const client = await t.pool.connect()
  await client.query("begin")
  await client.query("set local session_replication_role = replica")
  await client.query(
    `with written as (
       insert into earmark.journal
         (stock_level_id, version, kind, on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)
       select s.id, s.version + n, 'safety_stock_set', 0, 0, s.on_hand, s.held, s.safety_stock,
         date_trunc('milliseconds', clock_timestamp()), 1
       from earmark.stock_levels s, generate_series(1, $1::int) n
       where s.sku = 'HOT'
       returning stock_level_id, version
     )
     insert into earmark.feed
       (position, written_at, period, rows, stock_level_ids, first_versions, last_versions, revoked_ids)
     select nextval('earmark.feed_position'), clock_timestamp(), 1, count(*), array[stock_level_id], array[min(version)],
       array[max(version)], '{}'
     from written group by stock_level_id`,
    [CHANGES],
  )
  await client.query("update earmark.stock_levels set version = version + $1::int where sku = 'HOT'", [
    CHANGES,
  ])
  await client.query("commit")
  client.release()
}

test("a line in a quieter level says when the others changed", async () => {
  const reserve = async (...skus: string[]) => {
    const made = await t.engine.reserve({ lines: skus.map((sku) => ({ sku, quantity: 1 })) })
    if (made.outcome !== "reserved") throw new Error(made.outcome)
    return made.reservation.id
  }
  const [alone, together] = [await reserve("HOT"), await reserve("HOT", "QUIET")]
  await changeHotLevel()
  for (const id of [alone, together]) await t.engine.extend(id, { ttlSeconds: 900 })
  // So that the end has a moment of its own.
  await t.pool.query("select pg_sleep(0.002)")
  for (const id of [alone, together]) await t.engine.confirm(id)
  const toldOf = (journal: ReservationJournal | null) =>
    journal?.data.map(({ kind, sku }) => `${kind} ${sku}`)
  const ofOne = await t.engine.reservationJournal(alone)
  expect(ofOne?.isComplete).toBe(false)
  expect(toldOf(ofOne)).toEqual(["held HOT", "confirmed HOT"])
  const ofBoth = await t.engine.reservationJournal(together)
  expect(ofBoth?.isComplete).toBe(true)
  expect(toldOf(ofBoth)).toEqual(
    ["held", "extended", "confirmed"].flatMap((kind) => [`${kind} HOT`, `${kind} QUIET`]),
  )
})
