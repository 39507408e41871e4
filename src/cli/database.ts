/** Which database a command works on, and how it is opened. */
import type pg from "pg"
import type { Config } from "../config/read-config.ts"
import { StartError } from "../core/errors.ts"
import type { EngineObserver } from "../engine/ports.ts"
import { type EngineParts, openEngineParts } from "../library/open-engine.ts"
import type { RedisHooks } from "../library/open-hot-path.ts"
import type { ReplicaHooks } from "../library/open-replica.ts"
import { checkServer, openPool } from "../postgres/connect.ts"
import { findPrivatePostgres } from "../postgres/private/private-postgres.ts"

/** Connections of a command that does one thing after another. */
const COMMAND_POOL_SIZE = 2

/** The database of the settings, or the private Postgres that `earmark start` runs in another terminal. */
export async function findDatabaseUrl(config: Config): Promise<string> {
  const url = config.databaseUrl ?? (await findPrivatePostgres(config.dataDir))
  if (url !== null) return url
  throw new StartError(
    `DATABASE_URL is not set, and no private Postgres is running in ${config.dataDir}: ` +
      'run "npm start" in another terminal, or set DATABASE_URL',
  )
}

/** Runs with a pool that is checked before and closed afterwards. */
export async function withPool<T>(config: Config, run: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const databaseUrl = await findDatabaseUrl(config)
  const pool = openPool({ databaseUrl, max: COMMAND_POOL_SIZE, applicationName: "earmark command" })
  try {
    await checkServer(pool)
    return await run(pool)
  } finally {
    await pool.end()
  }
}

/**
 * The engine of the settings over a pool that the caller closes after it. HTTP checks what it hands to it. The read replica is for
 * those who want to hear of it: a command does one thing, on the primary.
 */
export function engineOver(
  pool: pg.Pool,
  config: Config,
  {
    observer,
    hooks,
  }: { readonly observer?: EngineObserver; readonly hooks?: RedisHooks & ReplicaHooks } = {},
): Promise<EngineParts> {
  const { schema, strategy, eventSource, ttlSecondsDefault, ttlSecondsMax, lifetimeSecondsMax } = config
  const holds = { ttlSecondsDefault, ttlSecondsMax, lifetimeSecondsMax }
  const redis = strategy === "redis" ? { redisUrl: config.redisUrl ?? "" } : {}
  const { replicaUrl, replicaStalenessMs } = config
  const replica = hooks?.replica && replicaUrl !== null ? { replicaUrl, replicaStalenessMs } : {}
  const options = {
    pool,
    schema,
    strategy,
    holds,
    eventSource,
    migrate: false,
    ...redis,
    ...replica,
    ...(observer && { observer }),
  }
  return openEngineParts(options, hooks)
}
