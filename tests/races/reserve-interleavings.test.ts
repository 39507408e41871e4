/** Two that want or bring the same units, in every order of their statements: twins, rivals, crossed baskets. */
import { afterAll, beforeAll, describe, onTestFailed, test } from "vitest"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import { OPEN_PERIOD } from "../../src/postgres/periods/open-period.ts"
import { answer, type Call, reserveCall } from "../support/calls.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"
import { type Scenario, TwoEngines } from "./two-engines.ts"

const ORDERS_MAX = 40
const SAMPLES = 5
const seed = chooseSeed()

interface Meeting {
  /** Units on hand of the two skus. */
  readonly units: readonly [number, number]
  readonly calls: (a: string, b: string) => readonly [Call, Call]
}

const basket = (...lines: { sku: string; quantity: number }[]): Call => ({
  kind: "reserve",
  request: { lines },
})
const received = (sku: string, location: string, idempotencyKey?: string): Call => ({
  kind: "adjust",
  request: { sku, location, delta: 1, reason: "received", idempotencyKey },
})

const MEETINGS: Record<string, Meeting> = {
  "twins on the last unit": {
    units: [1, 0],
    calls: (a) => [reserveCall(a, 1, a), reserveCall(a, 1, a)],
  },
  "one key with two bodies": {
    units: [1, 1],
    calls: (a, b) => [reserveCall(a, 1, a), reserveCall(b, 1, a)],
  },
  "rivals for the last unit": {
    units: [1, 0],
    calls: (a) => [reserveCall(a), reserveCall(a)],
  },
  "baskets in opposite orders, enough for one": {
    units: [2, 3],
    calls: (a, b) => [
      basket({ sku: a, quantity: 2 }, { sku: b, quantity: 2 }),
      basket({ sku: b, quantity: 2 }, { sku: a, quantity: 1 }),
    ],
  },
  "twins that receive": {
    units: [1, 0],
    calls: (a) => [received(a, "LAX", a), received(a, "LAX", a)],
  },
  "two that receive at a new level": {
    units: [1, 0],
    calls: (a) => [received(a, "JFK"), received(a, "JFK", a)],
  },
  "receiving and reserving what was received": {
    units: [1, 0],
    calls: (a) => [received(a, "LAX"), reserveCall(a, 2)],
  },
}

for (const strategy of POSTGRES_STRATEGIES) {
  describe(strategy, () => {
    let engines: TwoEngines
    beforeAll(async () => {
      engines = await TwoEngines.open(strategy)
    })
    afterAll(() => engines.close())

    test.each(Object.entries(MEETINGS))("%s", async (_, { units, calls }) => {
      onTestFailed(() => console.error(`EARMARK_TEST_SEED=${seed}`))
      const prepare = async () => {
        const skus = await storeLevels(engines, units)
        const [first, second] = calls(...skus)
        const scenario: Scenario = {
          operations: [
            async (engine) => (await answer(engine, first)).outcome,
            async (engine) => (await answer(engine, second)).outcome,
          ],
          stored: () => storedUnits(engines, skus),
        }
        return scenario
      }
      const random = seededRandom(seed)
      await engines.explore(prepare, {
        granularity: "statement",
        ordersMax: ORDERS_MAX,
        samples: SAMPLES,
        random,
      })
    })
  })
}

let made = 0

async function storeLevels(
  { pool }: TwoEngines,
  units: readonly [number, number],
): Promise<readonly [string, string]> {
  made += 1
  // Sorted the other way round than they are made, so that ids do not give away the order of locks.
  const skus = [`B${made}`, `A${made}`] as const
  await pool.query(
    "insert into earmark.locations (code, name, priority) values ('LAX', 'LAX', 1), ('JFK', 'JFK', 2) on conflict do nothing",
  )
  for (const [index, sku] of skus.entries()) {
    await pool.query(
      `with item as (insert into earmark.items (sku, name) values ($1, $1) returning sku),
       level as (
         insert into earmark.stock_levels (sku, location, on_hand, version)
         select sku, 'LAX', $2::int, case when $2::int > 0 then 1 else 0 end from item returning id
       ),
       adjustment as (
         insert into earmark.adjustments (id, stock_level_id, version, delta)
         select gen_random_uuid(), id, 1, $2::int from level where $2::int > 0 returning id
       )
       select 1`,
      [sku, units[index]],
    )
    await pool.query(
      `insert into earmark.journal (stock_level_id, version, kind, adjustment_id,
         on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)
       select a.stock_level_id, a.version, 'adjusted', a.id, a.delta, 0, a.delta, 0, 0, now(), ${OPEN_PERIOD}
       from earmark.adjustments a join earmark.stock_levels s on s.id = a.stock_level_id where s.sku = $1`,
      [sku],
    )
  }
  return skus
}

async function storedUnits({ pool }: TwoEngines, skus: readonly string[]): Promise<string> {
  const { rows } = await pool.query<{ state: string }>(
    `select string_agg(s.sku || ' ' || s.location || ' ' || s.on_hand || ' ' || s.held, ', ' order by s.sku, s.location) as state
     from earmark.stock_levels s where s.sku = any($1)`,
    [skus],
  )
  // Skus are numbered: what differs between two runs is left out.
  return (rows[0]?.state ?? "").replaceAll(/([AB])\d+/g, "$1")
}
