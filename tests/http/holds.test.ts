/** What is held, in numbers: each hold in its buckets, what is overdue apart, and a bounded cost. */
import pg from "pg"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { createEngine } from "../../src/index.ts"
import { testClient } from "../support/client.ts"
import { createTestDatabase } from "../support/database.ts"
import { storeHold } from "../support/stored-hold.ts"
import { type ListeningService, startListening } from "./raw-connection.ts"

let service: ListeningService
beforeAll(async () => {
  service = await startListening()
})
afterAll(() => service.close())

/** Each engine keeps what it has read for a second. */
async function freshSummary(url: string) {
  const engine = await createEngine({ databaseUrl: url, migrate: false, poolSize: 1 })
  try {
    return await engine.holdsSummary()
  } finally {
    await engine.close()
  }
}

/** The buckets that are not empty, by their upper bound. */
const filled = (bounds: readonly number[], buckets: readonly { holds: number; units: number }[]) =>
  buckets.flatMap(({ holds, units }, index) => (holds > 0 ? [[bounds[index] ?? "more", holds, units]] : []))

test("nothing is held, and nothing is behind", async () => {
  const summary = await freshSummary(service.url)
  const none = { holds: 0, units: 0 }
  expect(summary).toMatchObject({ ...none, isEstimate: false })
  expect(summary.boundsSeconds).toEqual([10, 60, 300, 900, 3600, 86_400])
  expect(summary.byAge).toEqual(Array(7).fill(none))
  expect(summary.byTimeLeft).toEqual(Array(7).fill(none))
  expect(summary.overdue).toEqual({ holds: 0, isMore: false, lagSeconds: 0 })
})

test("each is counted by how old it is, by what it has left, or as overdue", async () => {
  for (const [index, [quantity, seconds]] of [
    [1, 5],
    [2, 200],
    [4, 250],
    [8, 5000],
    [16, 100_000],
  ].entries()) {
    const [units = 0, leftSeconds = 0] = [quantity, seconds]
    await storeHold(service.pool, {
      sku: `S${index}`,
      onHand: 50,
      quantity: units,
      expiresInMs: leftSeconds * 1000,
    })
  }
  await storeHold(service.pool, { sku: "LATE", onHand: 50, quantity: 32, expiresInMs: -40_000 })
  await storeHold(service.pool, { sku: "LATER", onHand: 50, quantity: 32, expiresInMs: -20_000 })
  const { boundsSeconds, byAge, byTimeLeft, overdue, ...rest } = await freshSummary(service.url)
  expect(rest).toMatchObject({ holds: 5, units: 31, isEstimate: false, asOf: expect.any(Date) })
  expect(filled(boundsSeconds, byTimeLeft)).toEqual([
    [10, 1, 1],
    [300, 2, 6],
    [86_400, 1, 8],
    ["more", 1, 16],
  ])
  expect(filled(boundsSeconds, byAge)).toEqual([[10, 5, 31]])
  expect(overdue).toMatchObject({ holds: 2, isMore: false })
  expect(overdue.lagSeconds).toBeGreaterThanOrEqual(40)
  expect(overdue.lagSeconds).toBeLessThan(60)
  await service.engine.sweep()
  expect((await freshSummary(service.url)).overdue).toEqual({ holds: 0, isMore: false, lagSeconds: 0 })
})

test("over HTTP it comes with its time, and many who ask cost one look in a second", async () => {
  const client = testClient(service.listensOn)
  const first = await client.reservations.summarizeHolds()
  expect(Date.parse(first.asOf ?? "")).toBeGreaterThan(0)
  expect(first).toMatchObject({ holds: 5, units: 31 })
  const begunMs = performance.now()
  const all = await Promise.all(Array.from({ length: 20 }, () => client.reservations.summarizeHolds()))
  if (performance.now() - begunMs < 900) expect(all).toEqual(Array(20).fill(first))
  await expect
    .poll(async () => (await client.reservations.summarizeHolds()).asOf, { timeout: 5000 })
    .not.toBe(first.asOf)
})

test("of few in a table that once was large, each is counted", { timeout: 60_000 }, async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const writing = new pg.Client({ connectionString: database.url })
  await writing.connect()
  await writing.query("set session_replication_role = replica")
  const insert = `
    insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
    select n, now() + interval '2 hours', earmark.first_uuid(now()), 3 from generate_series(1, $1::int) n`
  await writing.query(insert, [120_000])
  await writing.query("delete from earmark.holds")
  await writing.query(insert, [7])
  expect(await freshSummary(database.url)).toMatchObject({ holds: 7, units: 21, isEstimate: false })
  await writing.query("delete from earmark.holds")
  expect(await freshSummary(database.url)).toMatchObject({ holds: 0, units: 0, isEstimate: false })
  await writing.end()
})

test("of very many a share is counted, which tells about how many there are", {
  timeout: 60_000,
}, async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const holds = 120_000
  const writing = new pg.Client({ connectionString: database.url })
  await writing.connect()
  // Whose they are nobody asks here.
  await writing.query("set session_replication_role = replica")
  await writing.query(`
    insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
    select n, now() + case when n % 4 = 0 then interval '30 seconds' else interval '2 hours' end,
      earmark.first_uuid(now() - case when n % 2 = 0 then interval '30 seconds' else interval '30 hours' end), 3
    from generate_series(1, ${holds}) n
    union all
    select n, now() - interval '1 minute', earmark.first_uuid(now()), 1 from generate_series(1, 10001) n`)
  await writing.end()
  const summary = await freshSummary(database.url)
  expect(summary.isEstimate).toBe(true)
  const about = (actual: number, expected: number) =>
    expect(Math.abs(actual / expected - 1)).toBeLessThan(0.15)
  about(summary.holds, holds)
  about(summary.units, 3 * holds)
  const [timeLeft, age] = [summary.byTimeLeft, summary.byAge].map((buckets) =>
    filled(summary.boundsSeconds, buckets),
  )
  expect(timeLeft?.map(([bound]) => bound)).toEqual([60, 86_400])
  about(Number(timeLeft?.[0]?.[1]), holds / 4)
  expect(age?.map(([bound]) => bound)).toEqual([60, "more"])
  about(Number(age?.[1]?.[1]), holds / 2)
  expect(summary.overdue).toMatchObject({ holds: 10_000, isMore: true })
})
