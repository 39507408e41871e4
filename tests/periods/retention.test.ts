import { afterAll, beforeAll, expect, test } from "vitest"
import { keepPeriods } from "../../src/postgres/periods/keep-periods.ts"
import { listPeriods } from "../../src/postgres/periods/periods.ts"
import { createTestEngine, expectLawful, stock, type TestEngine } from "../support/engine.ts"
import { untilLockWaits } from "../support/stepping.ts"
import { beginDaysAgo, closePeriod, controlClock, daysAgo } from "./months-ago.ts"

const KEEP = { schema: "earmark", periodDays: 30, retentionDays: 60 }
/** How many days ago each period's business took place; the periods are 200, 170, 140 ... days old. */
const BUSINESS = [185, 155, 125, 95, 65, 35, 5]

let t: TestEngine
/** Of each period: one that was confirmed. */
const sold: string[] = []
let heldSince = ""

beforeAll(async () => {
  controlClock()
  t = await createTestEngine()
  await beginDaysAgo(t.pool, 200)
  // Ids never go back in time, so the first one is made long ago.
  await daysAgo(199, async () => {
    await stock(t.engine, "MUG", { LAX: 1000, JFK: 50 })
    await stock(t.engine, "CUP", { LAX: 10 })
  })
  for (const [period, days] of BUSINESS.entries()) {
    await daysAgo(days, () => oneMonth(period))
    if (days !== BUSINESS.at(-1)) await closePeriod(t.pool, days - 15)
  }
})
afterAll(() => t.close())

/** Sells, gives back, lets expire, receives: something of everything. */
async function oneMonth(period: number): Promise<void> {
  const { engine } = t
  const reserve = async (key: string, quantity: number, ttlSeconds = 600) => {
    const lines = [
      { sku: "MUG", quantity },
      { sku: "MUG", quantity: 1, location: "JFK" },
    ]
    const answer = await engine.reserve({ lines, ttlSeconds, idempotencyKey: `${key}-${period}` })
    if (answer.outcome !== "reserved") throw new Error(`${key} was answered ${answer.outcome}`)
    return answer.reservation.id
  }
  sold.push(await reserve("sold", 3))
  await engine.confirm(sold.at(-1) ?? "")
  await engine.release(await reserve("released", 2))
  await reserve("expired", 1, 1)
  await engine.adjust({ sku: "MUG", location: "LAX", delta: 5, reason: "received" })
  if (period === 2) heldSince = await reserve("held", 1, 86_400)
}

let swept = 0
async function sweepAll(): Promise<number> {
  swept += await t.engine.sweep()
  return swept
}

async function kept(): Promise<Record<string, number[]>> {
  const { rows } = await t.pool.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'earmark'::regnamespace and relkind = 'r'",
  )
  const of = (table: string) =>
    rows
      .flatMap(({ name }) => new RegExp(`^${table}_p(\\d+)$`).exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b)
  return { keys: of("idempotency_keys"), reservations: of("reservations"), journal: of("journal") }
}

test("a business of seven periods is lawful, each part in the partition of its time", async () => {
  await expectLawful(t.pool)
  expect((await kept())["journal"]).toEqual([1, 2, 3, 4, 5, 6, 7])
  const periods = await listPeriods(t.pool, KEEP)
  for (const { id, reservationBytes, journalBytes } of periods) {
    const { rows } = await t.pool.query(`select count(*)::int as n from earmark.reservations_p${id}`)
    expect(rows[0]).toEqual({ n: id === 3 ? 4 : 3 })
    expect(Math.min(reservationBytes, journalBytes)).toBeGreaterThan(0)
  }
})

test("what is older than asked for is dropped, keys first, but no hold and nothing that a kept row needs", async () => {
  // One of each period has a second to live, and the periods passed faster.
  await expect.poll(sweepAll, { timeout: 5000 }).toBe(BUSINESS.length)
  const steps = await keepPeriods(t.pool, KEEP)
  expect(steps.filter(({ step }) => step === "added").map(({ period }) => period)).toEqual([8, 9])
  // Closed 170, 140, 110, 80 days ago; 50 and 20 days are younger than 60.
  expect(await kept()).toEqual({
    keys: [5, 6, 7, 8, 9],
    // The third has a hold of a day in it, and periods go in their order.
    reservations: [3, 4, 5, 6, 7, 8, 9],
    // The first period's books were closed while reservations of the first were still kept.
    journal: [2, 3, 4, 5, 6, 7, 8, 9],
  })
  await expectLawful(t.pool)
  expect(await keepPeriods(t.pool, KEEP)).toEqual([])
})

test("while a partition is added up nobody is kept from the others, and from it everybody", async () => {
  expect((await t.engine.confirm(heldSince)).outcome).toBe("confirmed")
  const foreign = await t.pool.connect()
  await foreign.query("begin")
  // Where the sums go: the step waits here, and gives up in time.
  await foreign.query("lock table earmark.carried_over in share mode")
  const keeping = keepPeriods(t.pool, KEEP)
  await untilLockWaits(t.pool, 1)
  const { rows } = await t.pool.query(
    `select c.relname, l.mode from pg_locks l join pg_class c on c.oid = l.relation
     where c.relname like 'reservations%' and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`,
  )
  expect(rows).toEqual([])
  const change = "update earmark.reservations set updated_at = updated_at where id = $1::uuid"
  const changed = (id: string | undefined) => t.pool.query(change, [id?.slice("rsv_".length)])
  await expect(changed(sold[2])).rejects.toMatchObject({ constraint: "reservations_p3_never_changed" })
  expect(await changed(sold[3])).toMatchObject({ rowCount: 1 })
  await foreign.query("rollback")
  foreign.release()
  await keeping
})

test("once the hold has ended the rest follows, and the books still prove every balance", async () => {
  await keepPeriods(t.pool, KEEP)
  expect(await kept()).toEqual({
    keys: [5, 6, 7, 8, 9],
    // The fourth ended as the fifth began, too close for clocks that differ; the journal of the third likewise.
    reservations: [4, 5, 6, 7, 8, 9],
    journal: [3, 4, 5, 6, 7, 8, 9],
  })
  await expectLawful(t.pool)
  const { rows } = await t.pool.query("select sum(sold)::int as sold from earmark.carried_over")
  // Three periods sold three and one each, the hold one and one.
  expect(rows[0]).toEqual({ sold: 3 * 4 + 2 })
})

test("what was dropped is unknown, what is kept is as it was, and business goes on", async () => {
  const [oldest = "", latest = ""] = [sold[0], sold.at(-1)]
  expect(await t.engine.reservation(oldest)).toBeNull()
  expect((await t.engine.confirm(oldest)).outcome).toBe("reservation_not_found")
  expect(await t.engine.reservation(latest)).toMatchObject({ state: "confirmed" })
  const again = (period: number) =>
    t.engine.reserve({
      lines: [
        { sku: "MUG", quantity: 3 },
        { sku: "MUG", quantity: 1, location: "JFK" },
      ],
      ttlSeconds: 600,
      idempotencyKey: `sold-${period}`,
    })
  expect(await again(6)).toMatchObject({ outcome: "replayed", reservation: { id: latest } })
  expect(await again(4)).toMatchObject({ outcome: "replayed", reservation: { id: sold[4] } })
  // Its key went with what it had made.
  expect((await again(0)).outcome).toBe("reserved")
  expect((await t.engine.adjust({ sku: "CUP", location: "LAX", delta: -1, reason: "damaged" })).outcome).toBe(
    "adjusted",
  )
  await expectLawful(t.pool)
})

test("a journal says since when it is kept, and begins where the dropped part ended", async () => {
  const { rows: periods } = await t.pool.query<{ closed_at: Date }>(
    "select closed_at from earmark.periods where id = 2",
  )
  const journal = async (order: "newest" | "oldest", more: object = {}) => {
    const query = { sku: "MUG", location: "LAX", limit: 200, order, ...more }
    const page = await t.engine.stockJournal(query)
    if (page.outcome !== "listed") throw new Error(page.outcome)
    expect(page).toMatchObject({ isComplete: false, keptSince: periods[0]?.closed_at, nextCursor: null })
    return page.data
  }
  const kept = await journal("oldest")
  const { rows } = await t.pool.query(
    `select c.version::int, c.on_hand::int as "onHand", c.held::int
     from earmark.carried_over c join earmark.stock_levels s on s.id = c.stock_level_id
     where s.sku = 'MUG' and s.location = 'LAX'`,
  )
  const { version, onHand, held } = rows[0] ?? {}
  expect(kept[0]).toMatchObject({ version: version + 1, before: { onHand, held } })
  expect(kept.map((change) => change.version)).toEqual(kept.map((_, index) => version + 1 + index))
  for (const [index, change] of kept.slice(1).entries()) expect(change.before).toEqual(kept[index]?.after)
  expect(await journal("newest")).toEqual(kept.toReversed())
  const since = kept[Math.floor(kept.length / 2)]?.occurredAt ?? new Date()
  expect(await journal("oldest", { since })).toEqual(kept.filter(({ occurredAt }) => occurredAt >= since))
  expect(await t.engine.reservationJournal(sold[0] ?? "")).toBeNull()
  expect(await t.engine.reservationJournal(sold.at(-1) ?? "")).toMatchObject({
    isComplete: true,
    data: ["held", "held", "confirmed", "confirmed"].map((kind) => ({ kind })),
  })
})
