/**
 * Every pair of commands on one hold, in every order of the phases of their transactions (load, overdue, write,
 * commit), and a seeded sample of the orders of single statements. Whatever the order, the answers and the stored
 * state must be those of one of the two commands run after the other.
 */
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createEngine, type Engine, STRATEGIES, type StrategyName } from "../../src/index.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { type Choose, type Granularity, interleave, nextChoices } from "../support/interleavings.ts"
import { chooseSeed, seededRandom } from "../support/random.ts"
import { SteppedSession } from "../support/stepping.ts"
import { type StoredHold, storeHold } from "../support/stored-hold.ts"
import { HELD, HOLD_OPERATIONS, type HoldOperationName, ON_HAND, pairsOf } from "./hold-commands.ts"

/** Orders of phases that are run for a pair; a pair with retries has more than anybody can wait for. */
const ORDERS_MAX = 30
/** Orders of single statements that are drawn for a pair, besides. */
const SAMPLES = 3
const IN_TIME: readonly HoldOperationName[] = ["confirm", "release", "extend", "replace", "reserve", "adjust"]
const OVERDUE: readonly HoldOperationName[] = [...IN_TIME, "sweep"]
const seed = chooseSeed()

for (const strategy of STRATEGIES) {
  describe(strategy, () => {
    let bench: Bench
    beforeAll(async () => {
      bench = await Bench.open(strategy)
    })
    afterAll(() => bench.close())

    describe("a hold before its deadline", () => {
      test.each(pairsOf(IN_TIME))("%s and %s", (first, second) => runPair(bench, [first, second], 3_600_000))
    })
    describe("a hold that is overdue", () => {
      test.each(pairsOf(OVERDUE))("%s and %s", (first, second) => runPair(bench, [first, second], -60_000))
    })
  })
}

/** Two engines on one database, as if in two processes, and a pool that only looks. */
class Bench {
  readonly database: TestDatabase
  readonly observer: pg.Pool
  readonly sessions: readonly [SteppedSession, SteppedSession]
  readonly engines: readonly [Engine, Engine]
  made = 0

  static async open(strategy: StrategyName): Promise<Bench> {
    const database = await createTestDatabase()
    const observer = openTestPool(database.url, 2)
    const sessions = [
      new SteppedSession(database.url, observer),
      new SteppedSession(database.url, observer),
    ] as const
    const [first, second] = await Promise.all(
      sessions.map(({ pool }) => createEngine({ pool, strategy, migrate: false })),
    )
    if (!first || !second) throw new Error("two engines were asked for")
    return new Bench(database, { observer, sessions, engines: [first, second] })
  }

  private constructor(
    database: TestDatabase,
    parts: Pick<Bench, "observer" | "sessions" | "engines">,
  ) {
    this.database = database
    this.observer = parts.observer
    this.sessions = parts.sessions
    this.engines = parts.engines
  }

  storeHold(expiresInMs: number): Promise<StoredHold> {
    this.made += 1
    return storeHold(this.observer, { sku: `S${this.made}`, onHand: ON_HAND, quantity: HELD, expiresInMs })
  }

  async close(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.close()))
    try {
      await expectLawful(this.observer)
    } finally {
      await Promise.all([this.observer, ...this.sessions.map(({ pool }) => pool)].map((pool) => pool.end()))
      await this.database.drop()
    }
  }
}

interface Order {
  readonly choose: Choose
  readonly granularity: Granularity
}

interface Ran {
  readonly choices: readonly (0 | 1)[]
  readonly trace: readonly string[]
  /** The answers and all that is stored: equal for two orders that nobody could tell apart. */
  readonly result: string
}

type Pair = readonly [HoldOperationName, HoldOperationName]

async function runPair(bench: Bench, pair: Pair, expiresInMs: number): Promise<void> {
  const serial = new Set<string>()
  for (const starter of [0, 1] as const) {
    const { result } = await runOnce(bench, pair, { expiresInMs, choose: () => starter, granularity: "phase" })
    serial.add(result)
  }
  const isSerial = ({ result, trace }: Ran) =>
    expect([...serial], `seed ${seed}; ${trace.join(" ")}`).toContain(result)

  let prefix: (0 | 1)[] | null = []
  for (let orders = 0; prefix !== null && orders < ORDERS_MAX; orders += 1) {
    const chosen: readonly (0 | 1)[] = prefix
    const choose: Choose = (point) => chosen[point] ?? 0
    const ran = await runOnce(bench, pair, { expiresInMs, choose, granularity: "phase" })
    isSerial(ran)
    prefix = nextChoices(ran.choices)
  }
  const random = seededRandom(seed)
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const choose: Choose = () => (random() < 0.5 ? 0 : 1)
    isSerial(await runOnce(bench, pair, { expiresInMs, choose, granularity: "statement" }))
  }
}

async function runOnce(
  bench: Bench,
  [first, second]: Pair,
  { expiresInMs, ...order }: Order & { expiresInMs: number },
): Promise<Ran> {
  const hold = await bench.storeHold(expiresInMs)
  const [a, b] = bench.engines
  const { answers, choices, trace } = await interleave(
    bench.sessions,
    [() => HOLD_OPERATIONS[first](a, hold), () => HOLD_OPERATIONS[second](b, hold)],
    order,
  )
  return { choices, trace, result: `${answers.join(" / ")}; ${await storedState(bench.observer, hold)}` }
}

async function storedState(pool: pg.Pool, hold: StoredHold): Promise<string> {
  const { rows } = await pool.query<{ state: string }>(
    `select concat_ws(' ', r.state, r.reference, 'on hand', s.on_hand, 'held', s.held, 'journal',
       (select string_agg(j.kind, ',' order by j.kind) from earmark.journal j where j.stock_level_id = s.id),
       'sums', (select sum(on_hand_delta) || '/' || sum(held_delta) from earmark.journal j where j.stock_level_id = s.id),
       'holds', (select sum(l.quantity) from earmark.reservation_lines l
         where l.stock_level_id = s.id and l.held_until > now())) as state
     from earmark.reservations r, earmark.stock_levels s
     where r.id = $1 and s.id = $2`,
    [hold.uuid, hold.levelId],
  )
  return rows[0]?.state ?? "nothing"
}
