import { randomUUID } from "node:crypto"
import type pg from "pg"
import { inject } from "vitest"
import type { Engine, EngineObserver, HoldSettings, StrategyName } from "../../src/index.ts"
import { openEngineParts } from "../../src/library/open-engine.ts"
import { verify } from "../../src/postgres/verify.ts"
import type { HotPath } from "../../src/redis/hot-path.ts"
import { createTestDatabase, openTestPool } from "./database.ts"

export interface TestEngineOptions {
  readonly strategy?: StrategyName
  readonly holds?: Partial<HoldSettings>
  readonly poolSize?: number
  readonly observer?: EngineObserver
}

export interface TestEngine {
  readonly engine: Engine
  readonly pool: pg.Pool
  readonly url: string
  /** What another engine of this kind is opened with, beside its database. */
  readonly more: { readonly strategy: StrategyName; readonly redisUrl?: string }
  /** With the strategy `redis`: puts every unit of an item into Redis. With others Postgres has them anyway. */
  heat(sku: string): Promise<void>
  /** Verifies the laws, then closes the engine and drops its database. */
  close(): Promise<void>
}

/** More than any item has. */
const HOT_TARGET = 1_000_000_000

/** An engine over an empty, migrated database of its own on the run's real Postgres. */
export async function createTestEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { strategy = "batched", holds = {}, poolSize = 10, observer } = options
  const database = await createTestDatabase()
  const pool = openTestPool(database.url, poolSize)
  // Databases cloned from one template would have the same keys in Redis otherwise.
  await pool.query("update earmark.redis_space set space = $1", [randomUUID().slice(0, 8)])
  const redis = strategy === "redis" ? { redisUrl: inject("redisUrl") } : {}
  const opening = { pool, strategy, holds, migrate: false, ...redis, ...(observer && { observer }) }
  const { engine, hotPath } = await openEngineParts(opening, { closeWaitMs: 0 })
  await hotPath?.keeper().pass()
  const allotter = hotPath?.allotter()
  return {
    engine: hotPath ? caughtUp(engine, hotPath) : engine,
    more: { strategy, ...redis },
    pool,
    url: database.url,
    async heat(sku) {
      if (!allotter) return
      // As if it had been hot for long: else every process would have to hear of it first.
      await pool.query(
        "insert into earmark.hot_items (sku, target, changed_at) values ($1, $2, now() - interval '1 hour')",
        [sku, HOT_TARGET],
      )
      await allotter.pass()
      await hotPath?.hot.refresh()
    },
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

/** What begins and ends holds comes as it comes; everything else finds that the workers have caught up. */
const AT_ONCE = new Set<string>([
  "strategy",
  "reserve",
  "confirm",
  "release",
  "extend",
  "followEvents",
  "close",
])

function caughtUp(engine: Engine, hotPath: HotPath): Engine {
  const allotter = hotPath.allotter()
  const entries = Object.entries(engine).map(([name, call]) => {
    if (AT_ONCE.has(name)) return [name, call]
    const later = async (...given: unknown[]) => {
      for (const shard of hotPath.shards) await hotPath.drain(shard)
      const outcome = await (call as (...given: unknown[]) => unknown)(...given)
      await allotter.pass()
      return outcome
    }
    return [name, later]
  })
  return Object.fromEntries(entries) as Engine
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
