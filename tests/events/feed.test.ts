/** Promise S7: nothing is lost, nothing uncommitted appears, and each level's versions rise, whatever writers do meanwhile. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import { GAPS_MAX } from "../../src/events/read-events.ts"
import type { Engine } from "../../src/index.ts"
import { CURSOR_LENGTH_MAX } from "../../src/protocol/events.ts"
import { openTransaction } from "../support/database.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { FeedReader } from "../support/feed-reader.ts"

let t: TestEngine
beforeEach(async () => {
  t = await createTestEngine()
  await stock(t.engine, "MUG", { LAX: 1000, BER: 1000 })
  await stock(t.engine, "CUP", { LAX: 1000 })
})
afterEach(() => t.close())

test("a reservation's life is told with its lines, versions, balances and who asked", async () => {
  const origin = { actor: "till-7", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }
  const after = await t.engine.eventsNow()
  const made = await t.engine.reserve(
    {
      customerId: "c-1",
      lines: [
        { sku: "CUP", quantity: 2 },
        { sku: "MUG", quantity: 3, location: "BER" },
      ],
    },
    { origin },
  )
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  const { id, expiresAt } = made.reservation
  await t.engine.extend(id, { ttlSeconds: 1200 })
  await t.engine.confirm(id, { reference: "order-1" })
  const { events } = await t.engine.events({ after })
  expect(events.map(({ event }) => event.type)).toEqual([
    "reservation.held",
    "reservation.extended",
    "reservation.confirmed",
  ])
  const [held, extended, confirmed] = events.map(({ event }) => event)
  expect(held).toMatchObject({
    specversion: "1.0",
    source: "/earmark",
    subject: id,
    traceparent: origin.traceparent,
    data: {
      reservation: { id, state: "held", customerId: "c-1", expiresAt: expiresAt.toISOString() },
      lines: [
        { sku: "CUP", location: "LAX", quantity: 2, version: 2, onHand: 1000, held: 2, available: 998 },
        { sku: "MUG", location: "BER", quantity: 3, version: 2, onHand: 1000, held: 3, available: 997 },
      ],
      actor: "till-7",
    },
  })
  const { data } = extended as Extract<EarmarkEvent, { type: "reservation.extended" }>
  expect(data.lines.map(({ quantity }) => quantity)).toEqual([2, 3])
  expect(confirmed).toMatchObject({
    data: {
      reference: "order-1",
      actor: null,
      lines: [
        { onHand: 998, held: 0 },
        { onHand: 997, held: 0 },
      ],
    },
  })
})

test("what crosses zero or the threshold of an item is told, with what caused it", async () => {
  await t.engine.putItem({ sku: "PEN", name: "Pen", lowStockThreshold: 3 })
  const after = await t.engine.eventsNow()
  await t.engine.adjust({ sku: "PEN", location: "LAX", delta: 4, reason: "received" })
  const first = await t.engine.reserve({ lines: [{ sku: "PEN", quantity: 2 }] })
  await t.engine.reserve({ lines: [{ sku: "PEN", quantity: 2 }] })
  if (first.outcome === "reserved") await t.engine.release(first.reservation.id)
  await t.engine.setSafetyStock({ sku: "PEN", location: "LAX", safetyStock: 2 })
  const { events } = await t.engine.events({ after, sku: "PEN" })
  const crossings = events.flatMap(({ event }) =>
    event.type === "stock.availability_changed" ? [[event.data.crossing, event.data.level.available]] : [],
  )
  expect(crossings).toEqual([
    ["back_in_stock", 4],
    ["low_stock", 2],
    ["sold_out", 0],
    ["back_in_stock", 2],
    ["sold_out", 0],
  ])
})

test("a transaction that stays open is waited for by nobody, and told when it commits", async () => {
  const reader = await FeedReader.at(t.engine)
  const open = await openTransaction(t.pool)
  const late = await t.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: open as never })
  for (let sale = 0; sale < 20; sale += 1) {
    await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
    await reader.readAll(1 + (sale % 3))
  }
  expect(reader.ofType("reservation.held")).toHaveLength(20)
  const stranger = await openTransaction(t.pool)
  await stranger.query("select pg_current_xact_id()")
  await open.query("commit")
  open.release()
  await reader.readAll()
  await stranger.query("rollback")
  stranger.release()
  if (late.outcome !== "reserved") throw new Error(late.outcome)
  expect(reader.ofType("reservation.held").at(-1)?.subject).toBe(late.reservation.id)
  expect(reader.ofType("reservation.held")).toHaveLength(21)
  await reader.expectGapless(t.pool)
})

test.each([1, 2, 3, 4, 5])(
  "what open transactions wrote is told once they commit: pages of %i",
  async (limit) => {
    const skus = ["PEN", "BOOK", "TOY"]
    for (const sku of skus) await stock(t.engine, sku, { LAX: 1 })
    const reader = await FeedReader.at(t.engine, limit)
    const open = await Promise.all(skus.map(() => openTransaction(t.pool)))
    for (const [index, client] of open.entries()) {
      await t.engine.reserve({ lines: [{ sku: skus[index] ?? "", quantity: 1 }] }, { tx: client as never })
    }
    await t.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] })
    await reader.readAll()
    expect(reader.ofType("reservation.held")).toHaveLength(1)
    for (const client of open) {
      await client.query("commit")
      client.release()
    }
    await reader.readAll()
    // Each sells its item out, which is an event too.
    expect(reader.ofType("reservation.held")).toHaveLength(4)
    expect(reader.ofType("stock.availability_changed")).toHaveLength(3)
    await reader.expectGapless(t.pool)
  },
)

test("who begins to read is told of the very first change too, when that commits after later ones", async () => {
  const empty = await createTestEngine()
  try {
    await empty.engine.putLocation({ code: "LAX", name: "Los Angeles" })
    for (const sku of ["PEN", "CUP"]) await empty.engine.putItem({ sku, name: sku })
    const open = await openTransaction(empty.pool)
    const received = { location: "LAX", delta: 1, reason: "received" } as const
    await empty.engine.adjust({ sku: "PEN", ...received }, { tx: open as never })
    await empty.engine.adjust({ sku: "CUP", ...received })
    const reader = await FeedReader.at(empty.engine)
    await open.query("commit")
    open.release()
    await reader.readAll()
    expect(reader.ofType("stock.adjusted").map(({ subject }) => subject)).toEqual(["PEN/LAX"])
  } finally {
    await empty.close()
  }
})

test("however much is rolled back while a stranger's transaction is open, a cursor can be sent back", async () => {
  // As after years: numbers are long.
  await t.pool.query("select setval('earmark.feed_position', 10000000000)")
  const reader = await FeedReader.at(t.engine, 200)
  const stranger = await openTransaction(t.pool)
  const sales = GAPS_MAX + 50
  try {
    await stranger.query("select pg_current_xact_id()")
    for (let sale = 0; sale < sales; sale += 1) {
      // What a transaction that is rolled back leaves.
      await t.pool.query("select nextval('earmark.feed_position')")
      await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
      await reader.readAll()
      expect(reader.cursor.length).toBeLessThanOrEqual(CURSOR_LENGTH_MAX)
    }
    await stranger.query("rollback")
  } finally {
    stranger.release(true)
  }
  expect(reader.events.length).toBeGreaterThanOrEqual(GAPS_MAX - 1)
  expect(reader.events.length).toBeLessThan(sales)
  // What is open in any database of the server holds the last gaps open, also what other tests have there.
  await expect
    .poll(async () => {
      await reader.readAll()
      return reader.ofType("reservation.held").length
    })
    .toBe(sales)
  expect(reader.told).toBe(sales)
  await reader.expectGapless(t.pool)
})

test("who stops between two events of one statement goes on there, whatever was read with them", async () => {
  const after = await t.engine.eventsNow()
  await t.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] })
  // The first goes alone, and the others together: several events of one statement, of two levels.
  const skus = ["MUG", "CUP", "MUG", "CUP", "MUG", "CUP"]
  await Promise.all(skus.map((sku) => t.engine.reserve({ lines: [{ sku, quantity: 1 }] })))
  const { events } = await t.engine.events({ after })
  const ids = events.map(({ event }) => event.id)
  expect(new Set(ids).size).toBe(skus.length + 1)
  for (const [index, { cursor }] of events.entries()) {
    const rest = await t.engine.events({ after: cursor() })
    expect(rest.events.map(({ event }) => event.id)).toEqual(ids.slice(index + 1))
  }
})

test("what is rolled back is never told", async () => {
  const reader = await FeedReader.at(t.engine)
  const open = await openTransaction(t.pool)
  await t.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: open as never })
  await reader.readAll()
  await open.query("rollback")
  open.release()
  await reader.readAll()
  expect(reader.events).toEqual([])
})

test("readers with pages of every size see the same, while many write", async () => {
  const readers = await Promise.all([1, 2, 7, 50, 200].map((limit) => FeedReader.at(t.engine, limit)))
  let selling = true
  const reading = readers.map(async (reader) => {
    while (selling) await reader.readOne()
  })
  await Promise.all(Array.from({ length: 30 }, (_, seller) => sell(t.engine, seller)))
  selling = false
  await Promise.all(reading)
  for (const reader of readers) {
    await reader.readAll()
    await reader.expectGapless(t.pool)
    expect(reader.told).toBe(reader.events.length)
  }
})

async function sell(engine: Engine, seller: number): Promise<void> {
  for (let sale = 0; sale < 20; sale += 1) {
    const lines = [
      { sku: "MUG", quantity: 1, location: seller % 2 === 0 ? "LAX" : "BER" },
      ...(sale % 3 === 0 ? [{ sku: "CUP", quantity: 1 }] : []),
    ]
    const made = await engine.reserve({ lines })
    if (made.outcome !== "reserved") continue
    if (sale % 4 === 0) await engine.confirm(made.reservation.id)
    else if (sale % 4 === 1) await engine.release(made.reservation.id)
    else if (sale % 4 === 2) await engine.extend(made.reservation.id, { ttlSeconds: 900 })
  }
}
