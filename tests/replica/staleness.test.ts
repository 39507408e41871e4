/** A standby that is paused, stopped, silent, promoted or of something else: reads are answered all the same, and rightly. */
import { setTimeout as pause } from "node:timers/promises"
import { expect, test } from "vitest"
import { openReplicatedShop, type ReplicatedShop } from "../support/replicated-shop.ts"

/** Of each test but those that are about being behind. */
const LONG_MS = 60_000

test("beyond the bound the primary is asked, and never does an answer lack what it says that it has", async () => {
  const stalenessMs = 300
  const shop = await openReplicatedShop({ stalenessMs })
  const { engine, standby, reads } = shop
  /** When each version of the level was there at the latest: the database has this machine's clock. */
  const written: { version: number; byMs: number }[] = []
  let running = true
  const writing = (async () => {
    while (running) {
      const adjusted = await engine.adjust({ sku: "CUP", location: "LAX", delta: 1, reason: "received" })
      if (adjusted.outcome !== "adjusted") throw new Error(adjusted.outcome)
      written.push({ version: adjusted.level.version, byMs: Date.now() })
      await pause(3)
    }
  })()
  const reading = (async () => {
    while (running) {
      const startedMs = Date.now()
      const answer = await engine.availability("CUP")
      const asOfMs = answer?.asOf.getTime() ?? 0
      const promised = written.findLast(({ byMs }) => byMs < asOfMs)?.version ?? 0
      expect(answer?.locations[0]?.version).toBeGreaterThanOrEqual(promised)
      // Two clocks are read one after the other, the one of the process to less than a millisecond.
      expect(asOfMs).toBeGreaterThanOrEqual(startedMs - stalenessMs - 1)
    }
  })()
  const count = (reason: string | null) => reads.filter((one) => one === reason).length
  for (let round = 1; round <= 3; round += 1) {
    await until(() => count(null) >= round * 20)
    await standby.pause()
    await until(() => count("stale") >= round * 20)
    await standby.resume()
  }
  running = false
  await Promise.all([writing, reading])
  expect(reads.filter((reason) => !["stale", "unseen", null].includes(reason))).toEqual([])
})

test("a standby that was stopped is asked no more, and again once it is back", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  await shop.standby.stop()
  await adjust(shop)
  expect(await readAll(shop)).toEqual(["away"])
  await shop.until("away")
  await shop.standby.restart()
  await shop.standby.caughtUp(shop.pool)
  await shop.until("fresh")
  expect(await readAll(shop)).toEqual([null])
})

test("one that falls silent is waited for no longer than a look at it, and the reads under way go to the primary", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  shop.standby.proxy.fallSilent()
  await adjust(shop)
  expect(await readAll(shop)).toEqual(["away"])
  shop.standby.proxy.recover()
  await shop.until("fresh")
  expect(await readAll(shop)).toEqual([null])
})

test("one that was promoted is not believed from the first read on, whatever is written there", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  await shop.standby.promote()
  await shop.standby.query("update earmark.items set name = 'of another history'", "shop")
  await adjust(shop)
  const items = await shop.engine.items()
  expect(items.data.map(({ name }) => name)).toEqual(["CUP", "MUG"])
  expect(shop.reads.at(-1)).toBe("promoted")
  await shop.until("promoted")
  expect(await readAll(shop)).toEqual(["promoted"])
})

test("what was being read while it was promoted is not believed", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  const waiting = "do $$ begin while pg_is_in_recovery() loop perform pg_sleep(0.02); end loop; end $$"
  const texts = [waiting, "select name from earmark.items"]
  const reading = shop.replica.reads.inform((reader) =>
    reader.run(texts.map((text) => ({ text, values: [] }))),
  )
  await asleep(shop)
  await shop.standby.promote()
  await reading
  expect(shop.reads).toEqual(["promoted"])
})

test("the sessions there are read-only, also where it would let them write", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS })
  await fresh(shop)
  await shop.standby.promote()
  const update = { text: "update earmark.items set name = 'x'", values: [] }
  // Refused there, it is asked of the primary, which this work has no business with.
  const told: string[] = []
  await shop.replica.reads
    .inform(async (reader) => {
      told.push("asked")
      await reader.run(told.length === 1 ? [update] : [])
    })
    .catch(() => {})
  expect(await shop.standby.query("select distinct name from earmark.items order by 1", "shop")).toEqual([
    { name: "CUP" },
    { name: "MUG" },
  ])
  expect(shop.reads.at(-1)).toBe("failed")
})

test("a standby of another database is never read", async () => {
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS, replicaOf: "other" })
  await shop.engine.items()
  await shop.until("foreign")
  const items = await shop.engine.items()
  expect(items.data.map(({ sku }) => sku)).toEqual(["CUP", "MUG"])
  expect(shop.reads.at(-1)).toBe("foreign")
})

test("a read that the standby gives up for what it has to replay is answered by the primary", async () => {
  const settings = { max_standby_streaming_delay: "0" }
  const shop = await openReplicatedShop({ stalenessMs: LONG_MS, standbySettings: settings })
  await fresh(shop)
  const text = `select count(*) from earmark.items
    cross join lateral (select pg_sleep(case when pg_is_in_recovery() then 3 else 0 end) where items.name <> '') s`
  const reading = shop.replica.reads.inform((reader) => reader.run([{ text, values: [] }]))
  await asleep(shop)
  // What the sleeping statement may still see is cleared away.
  await shop.pool.query("update earmark.items set name = name")
  await shop.pool.query("vacuum earmark.items")
  expect((await reading).value).toEqual([[{ count: "2" }]])
  expect(shop.reads.at(-1)).toBe("conflict")
  expect(await readAll(shop)).toEqual([null])
})

async function fresh({ engine, until: become, reads }: ReplicatedShop): Promise<void> {
  await engine.items()
  await become("fresh")
  reads.length = 0
}

/** Resolves once a statement sleeps there. */
async function asleep({ standby }: ReplicatedShop): Promise<void> {
  await until(async () => {
    const [row] = await standby.query("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
    return row?.["count"] === "1"
  })
}

async function adjust({ engine }: ReplicatedShop): Promise<void> {
  await engine.adjust({ sku: "CUP", location: "LAX", delta: 1, reason: "received" })
}

/** Reads what there is, which must be right, and answers where. */
async function readAll({ engine, pool, reads }: ReplicatedShop): Promise<(string | null)[]> {
  reads.length = 0
  const { data } = await engine.items()
  const availability = await engine.availability("CUP")
  const { rows } = await pool.query(
    "select sum(on_hand)::int as units from earmark.stock_levels where sku = 'CUP'",
  )
  expect(data.map(({ sku }) => sku)).toEqual(["CUP", "MUG"])
  expect(availability?.onHand).toBe(rows[0].units)
  return [...new Set(reads)]
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let polls = 0; polls < 3000; polls += 1) {
    if (await isSo()) return
    await pause(10)
  }
  throw new Error("it never was so")
}
