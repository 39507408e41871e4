/** The library: `createEngine` and the types of what it answers. */
import type pg from "pg"
import { EarmarkError } from "./core/errors.ts"
import { HOLD_SETTINGS_DEFAULT, type HoldSettings } from "./engine/context.ts"
import { createEngineOver, type Engine } from "./engine/engine.ts"
import { type EngineObserver, SILENT_OBSERVER, type StrategyName } from "./engine/ports.ts"
import { checkServer, openPool } from "./postgres/connect.ts"
import { migrate } from "./postgres/migrate.ts"
import { createStore } from "./postgres/store.ts"
import { STRATEGY_FACTORIES } from "./postgres/strategies.ts"

export interface CreateEngineOptions {
  /** A Postgres URL: the engine opens a pool and closes it. One of `databaseUrl` and `pool` is needed. */
  readonly databaseUrl?: string
  /** A pool of the caller's, who closes it. */
  readonly pool?: pg.Pool
  /** The Postgres schema; `earmark` if not given. */
  readonly schema?: string
  /** `batched` if not given. */
  readonly strategy?: StrategyName
  readonly holds?: Partial<HoldSettings>
  /** Connections of the engine's own pool; 10 if not given. */
  readonly poolSize?: number
  /** Bring the schema up to date first; true if not given. */
  readonly migrate?: boolean
  /** Called for everything that is worth counting. */
  readonly observer?: EngineObserver
}

export async function createEngine(options: CreateEngineOptions): Promise<Engine> {
  const { databaseUrl, schema = "earmark", strategy = "batched", observer = SILENT_OBSERVER } = options
  const pool = options.pool ?? openOwnPool(databaseUrl, options.poolSize)
  const closePool = async () => {
    if (!options.pool) await pool.end()
  }
  try {
    await checkServer(pool)
    if (options.migrate ?? true) await migrate(pool, { schema })
  } catch (error) {
    await closePool()
    throw error
  }
  const database = { pool, schema, observer }
  const engine = createEngineOver({
    strategy: STRATEGY_FACTORIES[strategy](database),
    store: createStore(database),
    holds: { ...HOLD_SETTINGS_DEFAULT, ...options.holds },
    observer,
  })
  return {
    ...engine,
    async close() {
      await engine.close()
      await closePool()
    },
  }
}

function openOwnPool(databaseUrl: string | undefined, poolSize: number | undefined): pg.Pool {
  if (databaseUrl === undefined) {
    throw new EarmarkError("invalid_request", "createEngine needs a databaseUrl or a pool", {
      notApplied: true,
    })
  }
  return openPool({ databaseUrl, ...(poolSize === undefined ? {} : { max: poolSize }) })
}

export type * from "./core/commands.ts"
export { EarmarkError, ERRORS, type ErrorCode, StartError } from "./core/errors.ts"
export type { Json, Metadata, Reservation, StockLevelView } from "./core/model.ts"
export type { HoldSettings } from "./engine/context.ts"
export type { AdjustRequest, CallOptions, Engine, ReserveRequest } from "./engine/engine.ts"
export { type CallerTransaction, type EngineObserver, STRATEGIES, type StrategyName } from "./engine/ports.ts"
export type * from "./engine/views.ts"
