/** Puts the engine together over Postgres. What it is given counts as checked: see `createEngine` and the HTTP layer. */
import type pg from "pg"
import { EarmarkError } from "../core/errors.ts"
import { HOLD_SETTINGS_DEFAULT, type HoldSettings } from "../engine/context.ts"
import { createEngineOver, type Engine } from "../engine/engine.ts"
import { type EngineObserver, SILENT_OBSERVER, STRATEGIES, type StrategyName } from "../engine/ports.ts"
import { checkServer, openPool } from "../postgres/connect.ts"
import { migrate } from "../postgres/migrate.ts"
import { createStore } from "../postgres/store.ts"
import { STRATEGY_FACTORIES } from "../postgres/strategies.ts"

export interface CreateEngineOptions {
  /** A Postgres URL: the engine opens a pool and closes it. One of `databaseUrl` and `pool` is needed. */
  readonly databaseUrl?: string
  /** A pool of the caller's, who closes it. */
  readonly pool?: pg.Pool
  /** The Postgres schema; `earmark` if not given. */
  readonly schema?: string
  /** `batched` if not given. */
  readonly strategy?: StrategyName
  /** Seconds: default and largest ttl, and the lifetime that extending cannot pass. */
  readonly holds?: Partial<HoldSettings>
  /** Connections of the engine's own pool; 10 if not given. */
  readonly poolSize?: number
  /** Bring the schema up to date first; true if not given. */
  readonly migrate?: boolean
  /** Called for everything that is worth counting. */
  readonly observer?: EngineObserver
}

export async function openEngine(options: CreateEngineOptions): Promise<Engine> {
  const { schema = "earmark", strategy = "batched", observer = SILENT_OBSERVER } = options
  if (!STRATEGIES.includes(strategy)) {
    throw misused(`there is no strategy ${JSON.stringify(strategy)}; there are ${STRATEGIES.join(", ")}`)
  }
  const pool = options.pool ?? openOwnPool(options)
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

function openOwnPool({ databaseUrl, poolSize }: CreateEngineOptions): pg.Pool {
  if (databaseUrl === undefined) throw misused("createEngine needs a databaseUrl or a pool")
  return openPool({ databaseUrl, ...(poolSize === undefined ? {} : { max: poolSize }) })
}

function misused(detail: string): EarmarkError {
  return new EarmarkError("invalid_request", detail, { notApplied: true })
}
