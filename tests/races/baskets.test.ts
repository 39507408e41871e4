import { expect, test } from "vitest"
import { createEngine, type Engine, POSTGRES_STRATEGIES } from "../../src/index.ts"
import { type Answer, answer, answerAll, type Call, countOutcomes } from "../support/calls.ts"
import { openTestPool } from "../support/database.ts"
import { expectDrains } from "../support/drain.ts"
import { createTestEngine, stock } from "../support/engine.ts"
import { storeHold } from "../support/stored-hold.ts"

const BASKETS = 100
const SKUS = ["A", "B", "C", "D", "E"]
const UNITS = 400
const OVERDUE = 10
const ADJUSTMENTS = 5

test.each(POSTGRES_STRATEGIES)(
  "%s: baskets over the same skus in opposite orders, sweepers and adjustments never get in each other's way",
  async (strategy) => {
    const t = await createTestEngine({ strategy })
    const pool = openTestPool(t.url)
    const second = await createEngine({ pool, strategy, migrate: false })
    for (const sku of SKUS) await stock(t.engine, sku, { LAX: UNITS / 2, JFK: UNITS / 2 })
    for (let index = 0; index < OVERDUE; index += 1) {
      await storeHold(t.pool, { sku: `OLD-${index}`, onHand: 5, quantity: 5, expiresInMs: -1000 })
    }
    const engines = [t.engine, second]
    const calls = Array.from({ length: BASKETS }, (_, index): Call => {
      const lines = SKUS.map((sku) => ({ sku, quantity: 1 + (index % 3) }))
      const stale = { sku: `OLD-${Math.floor(index / 10)}`, quantity: 1 }
      const all = index % 10 === 0 ? [...lines, stale] : lines
      return { kind: "reserve", request: { lines: index % 2 ? all : all.toReversed() } }
    })
    const work = calls.map((call, index) => reserveThenEnd(engines[index % 2] as Engine, call, index))
    const beside = engines.flatMap((engine) => [
      answerAll(
        engine,
        Array.from({ length: ADJUSTMENTS }, (_, index) => adjustment(index)),
      ),
      answerAll(
        engine,
        Array.from({ length: 5 }, (): Call => ({ kind: "sweep" })),
      ),
    ])
    const answers = (await Promise.all(work)).flat()
    const others = (await Promise.all(beside)).flat()

    const { reserved, confirmed, released, ...faults } = countOutcomes(answers)
    expect(faults).toEqual({})
    expect({ reserved, confirmed, released }).toEqual({ reserved: 100, confirmed: 50, released: 50 })
    expect(others.filter(({ outcome }) => !/^(adjusted|swept \d+)$/.test(outcome))).toEqual([])

    const sold = calls.reduce((sum, _, index) => sum + (index % 2 ? 1 + (index % 3) : 0), 0)
    for (const sku of SKUS) {
      const received = sku === "A" ? UNITS + 2 * ADJUSTMENTS : UNITS
      await expectDrains(second, sku, received - sold)
    }
    await second.close()
    await pool.end()
    await t.close()
  },
)

async function reserveThenEnd(engine: Engine, call: Call, index: number): Promise<Answer[]> {
  const made = await answer(engine, call)
  if (made.id === undefined) return [made]
  return [made, await answer(engine, { kind: index % 2 ? "confirm" : "release", id: made.id })]
}

function adjustment(index: number): Call {
  const location = index % 2 ? "LAX" : "JFK"
  return { kind: "adjust", request: { sku: "A", location, delta: 1, reason: "received" } }
}
