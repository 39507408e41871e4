/**
 * Every pair of commands on one hold, in every order of the phases of their transactions (load, overdue, write,
 * commit), and a seeded sample of the orders of single statements. Whatever the order, the answers and the stored
 * state must be those of one of the two commands run after the other.
 */
import type pg from "pg"
import { afterAll, beforeAll, describe, onTestFailed, test } from "vitest"
import { POSTGRES_STRATEGIES } from "../../src/index.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"
import { type StoredHold, storeHold } from "../support/stored-hold.ts"
import { HELD, HOLD_OPERATIONS, type HoldOperationName, ON_HAND, pairsOf } from "./hold-commands.ts"
import { type Scenario, TwoEngines } from "./two-engines.ts"

const IN_TIME: readonly HoldOperationName[] = ["confirm", "release", "extend", "replace", "reserve", "adjust"]
const OVERDUE: readonly HoldOperationName[] = [...IN_TIME, "sweep"]
const ORDERS_MAX = 16
const SAMPLES = 2
const seed = chooseSeed()

for (const strategy of POSTGRES_STRATEGIES) {
  describe(strategy, () => {
    let engines: TwoEngines
    beforeAll(async () => {
      engines = await TwoEngines.open(strategy)
    })
    afterAll(() => engines.close())

    describe("a hold before its deadline", () => {
      test.each(pairsOf(IN_TIME))("%s and %s", (first, second) =>
        explorePair(engines, [first, second], { expiresInMs: 3_600_000 }),
      )
    })
    describe("a hold that is overdue", () => {
      test.each(pairsOf(OVERDUE))("%s and %s", (first, second) =>
        explorePair(engines, [first, second], { expiresInMs: -60_000 }),
      )
    })
  })
}

let made = 0

async function explorePair(
  engines: TwoEngines,
  [first, second]: readonly [HoldOperationName, HoldOperationName],
  { expiresInMs }: { expiresInMs: number },
): Promise<void> {
  onTestFailed(() => console.error(`EARMARK_TEST_SEED=${seed}`))
  const prepare = async () => {
    made += 1
    const options = { sku: `S${made}`, onHand: ON_HAND, quantity: HELD, expiresInMs }
    const hold = await storeHold(engines.pool, options)
    const scenario: Scenario = {
      operations: [
        (engine) => HOLD_OPERATIONS[first](engine, hold),
        (engine) => HOLD_OPERATIONS[second](engine, hold),
      ],
      stored: () => storedState(engines.pool, hold),
    }
    return scenario
  }
  const random = seededRandom(seed)
  await engines.explore(prepare, { granularity: "phase", ordersMax: ORDERS_MAX, samples: SAMPLES, random })
}

async function storedState(pool: pg.Pool, hold: StoredHold): Promise<string> {
  const { rows } = await pool.query<{ state: string }>(
    `select concat_ws(' ', r.state, r.reference, 'on hand', s.on_hand, 'held', s.held, 'journal',
       (select string_agg(j.kind, ',' order by j.kind) from earmark.journal j where j.stock_level_id = s.id),
       'sums', (select sum(on_hand_delta) || '/' || sum(held_delta) from earmark.journal j where j.stock_level_id = s.id),
       'holds', (select string_agg(h.quantity || case when h.expires_at > now() then ' in time' else ' overdue' end, ','
         order by h.quantity) from earmark.holds h where h.stock_level_id = s.id)) as state
     from earmark.reservations r, earmark.stock_levels s
     where r.id = $1 and s.id = $2`,
    [hold.uuid, hold.levelId],
  )
  return rows[0]?.state ?? "nothing"
}
