/** The feed on a standby: nothing is lost and nothing is told out of order, wherever each page is read. */
import { expect, test } from "vitest"
import { createEngine, type Engine } from "../../src/index.ts"
import { openTransaction } from "../support/database.ts"
import { FeedReader } from "../support/feed-reader.ts"
import { openReplicatedShop, type ReplicatedShop } from "../support/replicated-shop.ts"

/** A paused standby stays good enough. */
const LONG_MS = 3_600_000

test("nothing is lost while many write and the standby is paused, resumed and restarted", async () => {
  const shop = await openReplicatedShop({ stalenessMs: 200 })
  const readers = await Promise.all([1, 7, 50, 200].map((limit) => FeedReader.at(shop.engine, limit)))
  let selling = true
  const reading = readers.map(async (reader) => {
    while (selling) await reader.readOne()
  })
  const writing = Promise.all(
    Array.from({ length: 6 }, (_, seller) => sell(shop.engine, seller, () => selling)),
  )
  const onReplica = () => shop.reads.filter((reason) => reason === null).length
  for (let round = 0; round < 3; round += 1) {
    const before = onReplica()
    await until(() => onReplica() > before + 20)
    await shop.standby.pause()
    await shop.until("stale")
    await shop.standby.resume()
    if (round === 1) {
      await shop.standby.stop()
      await shop.until("away")
      await shop.standby.restart()
    }
    await shop.until("fresh")
  }
  selling = false
  await Promise.all([writing, ...reading])
  for (const reader of readers) {
    await reader.readAll()
    // What was still on its way to the standby when that was all.
    await shop.standby.caughtUp(shop.pool)
    await reader.readAll()
    await reader.expectGapless(shop.pool)
    expect(reader.told).toBe(reader.events.length)
  }
  expect([...new Set(shop.reads)]).toEqual(expect.arrayContaining([null, "stale"]))
})

test("a cursor that is ahead of the standby is answered by the primary, and not events_rewound", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  await shop.standby.pause()
  await reserve(shop.engine, "CUP")
  const cursor = await shop.engine.eventsNow()
  await reserve(shop.engine, "MUG")
  const { events } = await shop.engine.events({ after: cursor })
  expect(events.map(({ event }) => event.type)).toEqual(["reservation.held"])
  expect(shop.reads.at(-1)).toBe("behind")
  expect(shop.replica.status().state).toBe("fresh")
})

test("a gap of transactions that the standby has not heard of is not forgotten there", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  const { engine, pool, standby } = shop
  await fresh(shop)
  const start = await engine.eventsNow()
  // Takes its position first and commits last.
  const open = await openTransaction(pool)
  await engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: open as never })
  await reserve(engine, "MUG")
  await standby.caughtUp(pool)
  await standby.pause()
  // Transactions that the standby will not hear of, so that the cursor's gap is of later ones than it knows.
  for (let stranger = 0; stranger < 5; stranger += 1) await pool.query("select pg_current_xact_id()")
  const onPrimary = await createEngine({ pool, migrate: false })
  const { events, nextCursor } = await onPrimary.events({ after: start })
  expect(events.map(({ event }) => event.subject.slice(0, 4))).toEqual(["rsv_"])
  // Nothing new there; and nobody under way that it knows of, but for the one of the gap.
  const quiet = await engine.events({ after: nextCursor })
  expect(quiet.events).toEqual([])
  expect(shop.reads.at(-1)).toBe("behind")
  await open.query("commit")
  open.release()
  const late = await engine.events({ after: quiet.nextCursor })
  expect(late.events.map(({ event }) => event.type)).toEqual(["reservation.held"])
  await onPrimary.close()
})

test("what is followed live comes at once, from the primary, for all who follow", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  const { engine } = shop
  await fresh(shop)
  const start = await engine.eventsNow()
  await shop.standby.pause()
  const stop = new AbortController()
  const follow = async (after: string | undefined) => {
    const subjects: string[] = []
    for await (const { events } of engine.followEvents({ after, signal: stop.signal })) {
      subjects.push(...events.map(({ event }) => event.subject))
      if (subjects.length >= 2) break
    }
    return subjects
  }
  const first = follow(start)
  const made = [await reserve(engine, "CUP"), await reserve(engine, "MUG")]
  expect(await first).toEqual(made)
  // Comes later, and is behind: the standby knows of nothing that the first one was told.
  expect(await follow(start)).toEqual(made)
  stop.abort()
  expect(shop.reads).toEqual([])
})

test("who watches an item is told what it has become, and not what the standby still shows", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  const { engine } = shop
  await fresh(shop)
  await shop.standby.pause()
  const told: number[] = []
  const watched = await engine.watchAvailability(["CUP"], ({ available }) => told.push(available))
  await reserve(engine, "CUP")
  await until(() => told.at(-1) === 99_999)
  if (watched.outcome === "watching") watched.stop()
  expect(told).toEqual([100_000, 99_999])
  expect(shop.reads).toEqual([])
})

test("an open transaction's changes are told by the standby once it has committed", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  const { engine, pool, standby } = shop
  await fresh(shop)
  const reader = await FeedReader.at(engine)
  const open = await openTransaction(pool)
  await engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: open as never })
  for (let sale = 0; sale < 10; sale += 1) {
    await reserve(engine, "MUG")
    await standby.caughtUp(pool)
    await reader.readAll(1 + (sale % 3))
  }
  expect(reader.events).toHaveLength(10)
  await open.query("commit")
  open.release()
  await standby.caughtUp(pool)
  await reader.readAll()
  expect(reader.events).toHaveLength(11)
  await reader.expectGapless(pool)
  expect(new Set(shop.reads)).toEqual(new Set([null]))
})

test("a commit that only the standby shows is told, and the primary does not call it rewound", async () => {
  const shop = await openReplicatedShop({ stalenessMs: 300 })
  const { engine, pool, standby } = shop
  await fresh(shop)
  const start = await engine.eventsNow()
  await pool.query("alter system set synchronous_standby_names = 'nobody'")
  await pool.query("select pg_reload_conf()")
  const open = await openTransaction(pool)
  await open.query("set local statement_timeout = 0")
  await engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: open as never })
  // Is written, and not answered.
  const committing = open.query("commit")
  let told = await engine.events({ after: start })
  await until(async () => {
    await shop.until("fresh")
    told = await engine.events({ after: start })
    return told.events.length === 1
  })
  expect(told.events.map(({ event }) => event.type)).toEqual(["reservation.held"])
  await standby.pause()
  // Nothing is written that could wait, but the log goes on: the standby falls behind it.
  await pool.query("select pg_switch_wal()")
  await shop.until("stale")
  const asked = engine.events({ after: told.nextCursor })
  await expect(asked).rejects.toMatchObject({ code: "unavailable", retryable: true, notApplied: true })
  await pool.query("alter system reset synchronous_standby_names")
  await pool.query("select pg_reload_conf()")
  await committing
  open.release()
  expect(await engine.events({ after: told.nextCursor })).toMatchObject({ events: [], isAll: true })
})

async function sell(engine: Engine, seller: number, isOpen: () => boolean): Promise<void> {
  for (let sale = 0; isOpen(); sale += 1) {
    const lines = [
      { sku: "MUG", quantity: 1, location: seller % 2 === 0 ? "LAX" : "BER" },
      ...(sale % 3 === 0 ? [{ sku: "CUP", quantity: 1 }] : []),
    ]
    const made = await engine.reserve({ lines })
    if (made.outcome !== "reserved") throw new Error(made.outcome)
    if (sale % 4 === 0) await engine.confirm(made.reservation.id)
    else if (sale % 4 === 1) await engine.release(made.reservation.id)
    else if (sale % 4 === 2) await engine.extend(made.reservation.id, { ttlSeconds: 900 })
  }
}

async function reserve(engine: Engine, sku: string): Promise<string> {
  const made = await engine.reserve({ lines: [{ sku, quantity: 1 }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  return made.reservation.id
}

async function fresh({ engine, until: become, reads }: ReplicatedShop): Promise<void> {
  await engine.items()
  await become("fresh")
  reads.length = 0
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < 3000; polls += 1) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error("it never was so")
}
