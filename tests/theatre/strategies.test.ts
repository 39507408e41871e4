/** Real sales over a real Postgres: the strategies never sell a unit twice, and the one that is broken is seen to. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { openTheatreOver } from "../../src/cli/theatre-parts.ts"
import { SALE_STRATEGIES } from "../../src/core/sales.ts"
import type { SaleRequest, SaleView } from "../../src/engine/theatre.ts"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import type { OpenTheatre } from "../../src/theatre/open-theatre.ts"
import { createTestDatabase, type TestDatabase } from "../support/database.ts"

const NEVER = new AbortController().signal

let database: TestDatabase
let theatre: OpenTheatre
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  theatre = openTheatreOver({ databaseUrl: database.url, schema: "earmark" }, { stopping: NEVER })
})
afterAll(async () => {
  await theatre.close()
  await database.drop()
})

async function play(request: SaleRequest): Promise<SaleView> {
  const outcome = await theatre.start(request)
  if (outcome.outcome !== "started") throw new Error(outcome.outcome)
  let latest = outcome.sale
  for await (const view of theatre.follow(latest.id, NEVER) ?? []) latest = view
  return latest
}

test("every strategy over Postgres is staged, and one that is broken", () => {
  const broken = theatre.strategies.filter(({ isBroken }) => isBroken).map(({ name }) => name)
  expect(broken).toEqual(["broken"])
  expect(theatre.strategies.map(({ name }) => name)).toEqual([...SALE_STRATEGIES])
  expect(SALE_STRATEGIES.toSorted()).toEqual([...POSTGRES_STRATEGIES, "broken"].toSorted())
})

test.each(POSTGRES_STRATEGIES)("%s sells what there is and not one more, lawfully", async (strategy) => {
  const { figures, ...sale } = await play({ units: 30, buyers: 400, strategy })
  expect(sale).toMatchObject({
    state: "finished",
    oversold: 0,
    failure: null,
    books: { units: 30, promised: 30, available: 0, brokenLaws: [] },
  })
  expect(figures).toMatchObject({ asked: 400, reserved: 30, refused: 370, failed: 0 })
  const { p50Ms = 0, p99Ms = 0, maxMs = 0 } = figures.latency ?? {}
  expect(p50Ms).toBeGreaterThan(0)
  expect(p50Ms).toBeLessThanOrEqual(p99Ms)
  expect(p99Ms).toBeLessThanOrEqual(maxMs)
  const { series } = figures
  expect(series.reserved.reduce((sum, count) => sum + count, 0)).toBe(30)
  expect(Math.max(...series.maxMs)).toBe(maxMs)
})

test("whoever is not sold out sells to everybody", async () => {
  const { figures, books } = await play({ units: 50, buyers: 20, strategy: "batched" })
  expect(figures).toMatchObject({ reserved: 20, refused: 0 })
  expect(books).toMatchObject({ promised: 20, available: 30 })
})

/** Whether buyers overlap at the last unit is up to the machine; of 20 sales of 100 units to 1,000, all did. */
const SALES_MAX = 10

test("the broken one promises more than there is, and its own books say so", async () => {
  let oversold = 0
  for (let played = 0; played < SALES_MAX && oversold === 0; played += 1) {
    const { books, figures, ...sale } = await play({ units: 100, buyers: 1000, strategy: "broken" })
    expect(sale).toMatchObject({ state: "finished", failure: null })
    expect(books).toMatchObject({ units: 100, promised: figures.reserved, brokenLaws: null })
    expect(sale.oversold).toBe(Math.max(0, figures.reserved - 100))
    oversold = sale.oversold
  }
  expect(oversold).toBeGreaterThan(0)
})
