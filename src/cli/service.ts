/** What `start`, `serve` and `worker` are made of: an engine over a pool, and HTTP in front of it. */
import type { Logger } from "pino"
import type { Config } from "../config/read-config.ts"
import type { Engine } from "../engine/engine.ts"
import { listen } from "../http/listen.ts"
import { createServer } from "../http/server.ts"
import { checkServer, openPool } from "../postgres/connect.ts"
import { createMetrics, type Metrics } from "../telemetry/metrics.ts"
import { engineOver } from "./database.ts"
import type { Lifetime } from "./lifetime.ts"
import { createReadiness } from "./readiness.ts"

/** Connections of the pool that only answers whether the database is there. */
const PROBE_POOL_SIZE = 1

export interface ServiceContext {
  readonly config: Config
  readonly databaseUrl: string
  readonly logger: Logger
  /** Told what has to be closed. What is opened later is closed earlier. */
  readonly lifetime: Lifetime
}

export interface Backend {
  readonly pool: ReturnType<typeof openPool>
  readonly engine: Engine
  readonly metrics: Metrics
}

/** Checks the server, lets `prepare` bring the schema up to date, and opens the engine. */
export async function openBackend(
  { config, databaseUrl, lifetime }: ServiceContext,
  prepare: (pool: ReturnType<typeof openPool>) => Promise<void> = async () => {},
): Promise<Backend> {
  const pool = openPool({ databaseUrl })
  lifetime.onClose(() => pool.end())
  await checkServer(pool)
  await prepare(pool)
  const metrics = createMetrics()
  metrics.setPoolStats(() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  const engine = await engineOver(pool, config, metrics.observerFor(config.strategy))
  lifetime.onClose(() => engine.close())
  return { pool, engine, metrics }
}

/** @returns the url where it listens */
export async function openHttp(
  { config, databaseUrl, logger, lifetime }: ServiceContext,
  { engine, metrics }: Backend,
): Promise<string> {
  const pool = openPool({ databaseUrl, max: PROBE_POOL_SIZE, applicationName: "earmark readiness" })
  lifetime.onClose(() => pool.end())
  const readiness = createReadiness({ pool, schema: config.schema, stopping: lifetime.stopping })
  const server = await createServer({ engine, metrics, logger, readiness })
  // Takes no new connections, and answers what was accepted.
  lifetime.onClose(() => server.close())
  return listen(server, { host: config.host, port: config.port })
}
