import { afterAll, beforeAll, expect, test } from "vitest"
import { DEMO_CATALOGUE } from "../../src/cli/demo-catalogue.ts"
import { seedCatalogue } from "../../src/cli/seed-catalogue.ts"
import type { Engine } from "../../src/index.ts"
import { createTestEngine, type TestEngine } from "../support/engine.ts"

let tested: TestEngine

beforeAll(async () => {
  tested = await createTestEngine()
})

afterAll(() => tested.close())

/** Two engines whose first readings of each level happen before either of them writes. */
function inStep(engine: Engine): readonly [Engine, Engine] {
  const waiting = new Map<string, () => void>()
  const reads = { first: 0, second: 0 }
  const stepped = (name: keyof typeof reads): Engine => ({
    ...engine,
    async availability(sku) {
      const answer = await engine.availability(sku)
      const turn = `${reads[name]++}`
      const other = waiting.get(turn)
      if (other) other()
      else await new Promise<void>((resolve) => waiting.set(turn, resolve))
      return answer
    },
  })
  return [stepped("first"), stepped("second")]
}

test("two that fill at once, having seen the same empty levels, fill each once", async () => {
  const [first, second] = inStep(tested.engine)
  const reports = await Promise.all([
    seedCatalogue(first, DEMO_CATALOGUE),
    seedCatalogue(second, DEMO_CATALOGUE),
  ])
  const levels = DEMO_CATALOGUE.items.flatMap(({ sku, stock }) =>
    Object.keys(stock).map((code) => [sku, code]),
  )
  expect(reports.flatMap(({ filled }) => filled)).toHaveLength(levels.length)
  for (const { sku, stock } of DEMO_CATALOGUE.items) {
    const found = (await tested.engine.availability(sku))?.locations ?? []
    expect(Object.fromEntries(found.map(({ location, onHand }) => [location, onHand]))).toEqual(stock)
  }
})

test("the demo has three warehouses, at least five items, and one mug at LAX", () => {
  expect(DEMO_CATALOGUE.locations.map(({ code }) => code)).toEqual(["LAX", "JFK", "ORD"])
  expect(DEMO_CATALOGUE.items.length).toBeGreaterThanOrEqual(5)
  expect(DEMO_CATALOGUE.items.find(({ sku }) => sku === "CERAMIC-MUG")?.stock["LAX"]).toBe(1)
})
