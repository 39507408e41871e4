/** Two engines on one database, as if in two processes, whose statements the test puts in order. */
import type pg from "pg"
import { expect } from "vitest"
import { createEngine, type Engine, type StrategyName } from "../../src/index.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { type Choose, type Granularity, interleave, Orders } from "../support/interleavings.ts"
import { SteppedSession } from "../support/stepping.ts"

/** One run: what the two engines do at the same time, and what is stored afterwards, in a few words. */
export interface Scenario {
  readonly operations: readonly [(engine: Engine) => Promise<string>, (engine: Engine) => Promise<string>]
  stored(): Promise<string>
}

export interface Exploration {
  readonly granularity: Granularity
  /** Orders that are run, fewest switches first; with retries there are more than anybody can wait for. */
  readonly ordersMax: number
  /** Orders of single statements that are drawn besides. */
  readonly samples: number
  readonly random: () => number
}

interface Ran {
  readonly choices: readonly (0 | 1)[]
  readonly trace: readonly string[]
  /** The answers and all that is stored: equal for two orders that nobody could tell apart. */
  readonly result: string
}

export class TwoEngines {
  readonly #database: TestDatabase
  readonly #sessions: readonly [SteppedSession, SteppedSession]
  readonly #engines: readonly [Engine, Engine]
  /** A pool that nobody holds back. */
  readonly pool: pg.Pool

  static async open(strategy: StrategyName): Promise<TwoEngines> {
    const database = await createTestDatabase()
    const pool = openTestPool(database.url, 2)
    const sessions = [new SteppedSession(database.url, pool), new SteppedSession(database.url, pool)] as const
    const engines = [
      await createEngine({ pool: sessions[0].pool, strategy, migrate: false }),
      await createEngine({ pool: sessions[1].pool, strategy, migrate: false }),
    ] as const
    return new TwoEngines(database, { pool, sessions, engines })
  }

  private constructor(
    database: TestDatabase,
    parts: {
      readonly pool: pg.Pool
      readonly sessions: readonly [SteppedSession, SteppedSession]
      readonly engines: readonly [Engine, Engine]
    },
  ) {
    this.#database = database
    this.pool = parts.pool
    this.#sessions = parts.sessions
    this.#engines = parts.engines
  }

  /** Runs fresh scenarios in many orders: each must come out as one of the two operations after the other. */
  async explore(prepare: () => Promise<Scenario>, exploration: Exploration): Promise<void> {
    const { granularity, ordersMax, samples, random } = exploration
    const serial = new Set<string>()
    for (const starter of [0, 1] as const) {
      serial.add((await this.#run(await prepare(), { choose: () => starter, granularity: "phase" })).result)
    }
    const expectSerial = ({ result, trace }: Ran) => expect([...serial], trace.join(" ")).toContain(result)

    const orders = new Orders()
    for (
      let count = 0, order = orders.next();
      order && count < ordersMax;
      count += 1, order = orders.next()
    ) {
      const fixed = order
      const choose: Choose = (point, current) => fixed[point] ?? current
      const ran = await this.#run(await prepare(), { choose, granularity })
      expectSerial(ran)
      orders.ran(order, ran.choices)
    }
    for (let sample = 0; sample < samples; sample += 1) {
      const choose: Choose = () => (random() < 0.5 ? 0 : 1)
      expectSerial(await this.#run(await prepare(), { choose, granularity: "statement" }))
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => engine.close()))
    try {
      await expectLawful(this.pool)
    } finally {
      await Promise.all([this.pool, ...this.#sessions.map(({ pool }) => pool)].map((pool) => pool.end()))
      await this.#database.drop()
    }
  }

  async #run(scenario: Scenario, order: { choose: Choose; granularity: Granularity }): Promise<Ran> {
    const [first, second] = scenario.operations
    const { answers, choices, trace } = await interleave(
      this.#sessions,
      [() => first(this.#engines[0]), () => second(this.#engines[1])],
      order,
    )
    return { choices, trace, result: `${answers.join(" / ")}; ${await scenario.stored()}` }
  }
}
