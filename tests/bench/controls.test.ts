/** What the strategies are compared with: the seller that is broken, and the recording behind the limit. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { openRecordingPool } from "../../src/bench/recording.ts"
import { openBrokenSeller } from "../../src/broken/broken-seller.ts"
import { createEngine } from "../../src/index.ts"
import { type BenchDatabase, openBenchDatabase } from "./bench-database.ts"

let database: BenchDatabase

beforeAll(async () => {
  database = await openBenchDatabase()
})

afterAll(() => database.drop())

test("the broken seller sells right to one buyer after another: it is concurrency that breaks it", async () => {
  const seller = await openBrokenSeller({ databaseUrl: database.url, schema: "broken_alone", poolSize: 2 })
  await seller.supply("MUG", 2)
  const answers: string[] = []
  for (let buyer = 0; buyer < 3; buyer += 1) answers.push(await seller.buy("MUG", "c-1"))
  expect(answers).toEqual(["sold", "sold", "sold_out"])
  expect(await seller.count("MUG")).toEqual({ sold: 2, available: 0 })
  await seller.close()
})

/** Whether buyers overlap at the last unit is up to the machine: one crowd in two oversells on a slow one. */
const CROWDS_MAX = 30

test("a crowd gets more from the broken seller than there is", async () => {
  const seller = await openBrokenSeller({ databaseUrl: database.url, schema: "broken_crowd", poolSize: 8 })
  let sold = 0
  for (let crowd = 0; crowd < CROWDS_MAX && sold <= 5; crowd += 1) {
    const sku = `MUG-${crowd}`
    await seller.supply(sku, 5)
    const answers = await Promise.all(Array.from({ length: 200 }, () => seller.buy(sku, "c-1")))
    sold = answers.filter((answer) => answer === "sold").length
    expect(await seller.count(sku)).toMatchObject({ sold })
  }
  expect(sold).toBeGreaterThan(5)
  await seller.close()
})

test("a recording has each committed transaction once, with what went together together", async () => {
  const recording = openRecordingPool(database.url, 2)
  const engine = await createEngine({ pool: recording.pool, schema: "recorded" })
  await engine.putLocation({ code: "LAX", name: "LAX" })
  await engine.putItem({ sku: "MUG", name: "MUG" })
  await engine.adjust({ sku: "MUG", location: "LAX", delta: 1, reason: "received" })
  recording.start()
  const reserve = () => engine.reserve({ lines: [{ sku: "MUG", quantity: 1, location: "LAX" }] })
  expect((await reserve()).outcome).toBe("reserved")
  await engine.availability("MUG")
  expect((await reserve()).outcome).toBe("insufficient_stock")
  const transactions = recording.take()
  await reserve()
  expect(recording.take()).toEqual([])
  await engine.close()
  await recording.pool.end()

  expect(transactions).toHaveLength(2)
  for (const roundTrips of transactions) {
    // What is written was decided by what was read.
    expect(roundTrips.length).toBeGreaterThanOrEqual(2)
    expect(roundTrips[0]?.length).toBeGreaterThanOrEqual(2)
    expect(roundTrips[0]?.[0]?.text).toMatch(/^begin/)
    expect(roundTrips.at(-1)?.at(-1)?.text).toBe("commit")
    const texts = roundTrips.flat().map(({ text }) => text)
    expect(texts.filter((text) => /^(begin|commit)/.test(text))).toHaveLength(2)
  }
})
