/** What is read on a standby, and that nothing else ever gets there. */
import type pg from "pg"
import { expect, onTestFinished, test } from "vitest"
import { createServer } from "../../src/http/server.ts"
import { type Engine, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { write } from "../../src/postgres/query.ts"
import type { Reader } from "../../src/postgres/reader.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { Transaction } from "../../src/postgres/transaction.ts"
import { webhooksOver } from "../http/service.ts"
import { openInterceptedPool } from "../support/intercepted-pool.ts"
import { openReplicatedShop } from "../support/replicated-shop.ts"

/** A bound that no pause of the machine exceeds. */
const STALENESS_MS = 60_000

test("lists, availability and the feed are read on the standby, and on the primary no more", async () => {
  const onPrimary: string[] = []
  const openPool = (url: string): pg.Pool =>
    openInterceptedPool(url, 4, ({ name }) => {
      onPrimary.push(name)
      return undefined
    })
  const shop = await openReplicatedShop({ stalenessMs: STALENESS_MS, openPool })
  const { engine, reads } = shop
  const made = await engine.reserve({ lines: [{ sku: "MUG", quantity: 3, location: "LAX" }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  await shop.standby.caughtUp(shop.pool)
  const cursor = await engine.eventsNow()
  await engine.items()
  await shop.until("fresh")
  reads.length = 0
  onPrimary.length = 0
  const answers = [
    await engine.items({ q: "mu", limit: 1 }),
    await engine.locations(),
    await engine.reservations({ sku: "MUG", state: "held" }),
    await engine.availability("MUG"),
    await engine.events(),
    await engine.events({ after: cursor }),
  ]
  expect(reads).toEqual(answers.map(() => null))
  expect(onPrimary.filter((name) => name !== "read_replica_mark")).toEqual([])
  const madeMs = made.reservation.createdAt.getTime()
  for (const answer of answers) expect(answer?.asOf.getTime()).toBeGreaterThanOrEqual(madeMs)
  expect(answers[0]).toMatchObject({ data: [{ sku: "MUG", held: 3 }] })
  expect(answers[2]).toMatchObject({ data: [{ state: "held", lines: [{ sku: "MUG", quantity: 3 }] }] })
  expect(answers[3]).toMatchObject({ held: 3, available: 199_997 })
  expect(answers[4]).toMatchObject({ events: expect.arrayContaining([expect.anything()]) })
  expect(answers[5]).toMatchObject({ events: [], isAll: true })
})

test("no strategy sends the standby anything that writes, locks or decides", async () => {
  const shop = await openReplicatedShop({ stalenessMs: STALENESS_MS })
  for (const strategy of POSTGRES_STRATEGIES) {
    const engine = await shop.engineWith(strategy)
    await engine.items()
    await shop.until("fresh")
    await sell(engine, strategy)
    await engine.putItem({ sku: "MUG", name: "Mug" })
    await engine.putLocation({ code: "LAX", name: "Los Angeles" })
    await engine.adjust({
      sku: "MUG",
      location: "LAX",
      delta: -1,
      reason: "damaged",
      idempotencyKey: strategy,
    })
    await engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 3 })
    await engine.setHot({ sku: "MUG", target: 0 })
    await engine.sweep()
    await engine.now()
    await engine.hotItems()
    await engine.eventsNow()
    await engine.items()
  }
  const sent = await shop.standby.statements()
  expect(sent.length).toBeGreaterThan(3)
  expect(sent.filter((text) => !/^(select|with)\b/.test(text))).toEqual([])
  const writing = /\bfor (no key )?(update|share)\b|\b(insert|update|delete)\b/
  expect(sent.filter((text) => writing.test(text))).toEqual([])
  // What the time is, and one thing that is asked for by its name.
  expect(sent.filter((text) => /clock_timestamp\(\)\) .* as now_ms$/.test(text))).toEqual([])
  expect(sent.filter((text) => /where [ri]\.(id|sku) = \$1/.test(text))).toEqual([])
})

test("what was made or changed a moment ago is read by its name at once, while the standby stands still", async () => {
  const shop = await openReplicatedShop({ stalenessMs: STALENESS_MS })
  const { engine } = shop
  await engine.items()
  await shop.until("fresh")
  await shop.standby.pause()
  const made = await engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  expect(await engine.reservation(made.reservation.id)).toMatchObject({ state: "held" })
  await engine.confirm(made.reservation.id)
  expect(await engine.reservation(made.reservation.id)).toMatchObject({ state: "confirmed" })
  await engine.putItem({ sku: "NEW", name: "New" })
  expect(await engine.item("NEW")).toMatchObject({ name: "New" })
  // Not there, says the standby: that is not believed.
  expect(await engine.availability("NEW")).toMatchObject({ available: 0 })
  expect(await engine.availability("NOBODY")).toBeNull()
  expect(shop.reads.slice(-2)).toEqual(["behind", "behind"])
  // Whereas a list is as old as it says.
  const { data, asOf } = await engine.items()
  expect(data.map(({ sku }) => sku)).toEqual(["CUP", "MUG"])
  expect(asOf.getTime()).toBeLessThan(made.reservation.createdAt.getTime())
})

test("over HTTP every answer that may be old says since when", async () => {
  const shop = await openReplicatedShop({ stalenessMs: STALENESS_MS })
  const { engine, reads, standby } = shop
  const server = await createServer({
    engine,
    webhooks: webhooksOver(shop),
    readiness: async () => ({ ready: true, reasons: [] }),
    replicaStatus: () => shop.replica.look(),
  })
  onTestFinished(() => server.close())
  await engine.items()
  await shop.until("fresh")
  await standby.pause()
  const made = await engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] })
  if (made.outcome !== "reserved") throw new Error(made.outcome)
  const madeMs = made.reservation.createdAt.getTime()
  reads.length = 0
  const paths = ["items", "locations", "reservations", "events", "items/CUP/availability"]
  for (const path of paths) {
    const { statusCode, headers } = await server.inject({ url: `/v1/${path}` })
    expect([path, statusCode]).toEqual([path, 200])
    expect(Date.parse(String(headers["as-of"])), path).toBeLessThan(madeMs)
  }
  expect(reads).toEqual(paths.map(() => null))
  const ready = await server.inject({ url: "/readyz?verbose" })
  expect(ready.json()).toMatchObject({ replica: { state: "fresh", ageSeconds: expect.any(Number) } })
  expect(Date.parse(ready.json().replica.asOf)).toBeLessThan(madeMs)
})

test("a reader leads to nothing that writes", () => {
  const reader: Reader = { schema: "earmark", run: () => Promise.resolve([]) }
  const writes = [
    // @ts-expect-error nor is it taken by a statement that writes,
    () => write(reader, { text: "", values: [] }),
    // @ts-expect-error by a transaction,
    () => Transaction.open(reader),
    // @ts-expect-error or by a strategy
    () => STRATEGY_FACTORIES.batched(reader),
  ]
  expect(writes).toHaveLength(3)
})

async function sell(engine: Engine, keys: string): Promise<void> {
  const lines = [
    { sku: "MUG", quantity: 1 },
    { sku: "CUP", quantity: 1 },
  ]
  const ends = [
    (id: string) => engine.confirm(id),
    (id: string) => engine.release(id),
    (id: string) => engine.extend(id, { ttlSeconds: 900 }),
  ]
  for (const [index, end] of ends.entries()) {
    const made = await engine.reserve({ lines, customerId: "c", idempotencyKey: `${keys}-${index}` })
    if (made.outcome !== "reserved") throw new Error(made.outcome)
    await engine.reserve({ lines, customerId: "c", idempotencyKey: `${keys}-${index}` })
    await end(made.reservation.id)
  }
}
