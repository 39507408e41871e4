import type pg from "pg"
import { createEngine, type Engine, type HoldSettings, type StrategyName } from "../../src/index.ts"
import { verify } from "../../src/postgres/verify.ts"
import { createTestDatabase, openTestPool } from "./database.ts"

export interface TestEngineOptions {
  readonly strategy?: StrategyName
  readonly holds?: Partial<HoldSettings>
  readonly poolSize?: number
}

export interface TestEngine {
  readonly engine: Engine
  readonly pool: pg.Pool
  readonly url: string
  /** Verifies the laws, then closes the engine and drops its database. */
  close(): Promise<void>
}

/** An engine over an empty, migrated database of its own on the run's real Postgres. */
export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { strategy = "batched", holds = {}, poolSize = 10 } = options
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, poolSize)
  const engine = await createEngine({ pool, strategy, holds, migrate: false })
  return {
    engine,
    pool,
    url: database.url,
    async close() {
      await engine.close()
      try {
        await expectLawful(pool)
      } finally {
        await pool.end()
        await database.drop()
      }
    },
  }
}

/** Every test ends with the laws: a wrong count anywhere is an error, whatever the test was about. */
export async function expectLawful(pool: pg.Pool): Promise<void> {
  const broken = (await verify(pool, { schema: "earmark" })).filter((report) => !report.holds)
  if (broken.length === 0) return
  throw new Error(`laws are broken: ${JSON.stringify(broken, null, 2)}`)
}

/** An item with units at locations, made through the engine. Priorities follow the order given. */
export async function stock(
  engine: Engine,
  sku: string,
  units: Readonly<Record<string, number>>,
): Promise<void> {
  await engine.putItem({ sku, name: sku })
  let priority = 0
  for (const [code, quantity] of Object.entries(units)) {
    priority += 1
    await engine.putLocation({ code, name: code, priority })
    if (quantity === 0) await engine.setSafetyStock({ sku, location: code, safetyStock: 0 })
    else await engine.adjust({ sku, location: code, delta: quantity, reason: "received" })
  }
}
