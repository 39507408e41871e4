/** What `start`, `serve` and `worker` are made of: an engine over a pool, and HTTP in front of it. */
import type { Logger } from "pino"
import type { Config } from "../config/read-config.ts"
import type { Engine } from "../engine/engine.ts"
import type { EventFeed } from "../engine/event-feed.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { readSinkStatus } from "../engine/sink-status.ts"
import type { SinkStore } from "../engine/sink-store.ts"
import { openSinks } from "../engine/sinks.ts"
import type { Theatre } from "../engine/theatre.ts"
import { listen } from "../http/listen.ts"
import { createServer } from "../http/server.ts"
import type { RedisHooks } from "../library/open-hot-path.ts"
import { checkServer, openPool } from "../postgres/connect.ts"
import type { Replica } from "../postgres/replica/replica.ts"
import { refuseSandbox } from "../postgres/sandbox.ts"
import { createSinkStore } from "../postgres/sinks/sink-store.ts"
import { createDeliveryStore } from "../postgres/webhooks/delivery-store.ts"
import type { HotPath } from "../redis/hot-path.ts"
import { createMetrics, type Metrics } from "../telemetry/metrics.ts"
import { engineOver } from "./database.ts"
import type { Lifetime } from "./lifetime.ts"
import { tellOncePerOutage } from "./outages.ts"
import { builtPages } from "./pages.ts"
import { createReadiness } from "./readiness.ts"
import { replicaHooks, sampleOf } from "./replica-hooks.ts"
import { openTheatreOver } from "./theatre-parts.ts"
import { openWebhooksOver } from "./webhook-parts.ts"

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
  readonly feed: EventFeed
  readonly sinks: SinkStore
  /** With the strategy `redis` only. */
  readonly hotPath: HotPath | null
  readonly replica: Replica | null
  readonly metrics: Metrics
}

/** Checks the server, lets `prepare` bring the schema up to date, and opens the engine. */
export async function openBackend(
  { config, databaseUrl, logger, lifetime }: ServiceContext,
  prepare: (pool: ReturnType<typeof openPool>) => Promise<void> = async () => {},
): Promise<Backend> {
  const pool = openPool({ databaseUrl })
  lifetime.onClose(() => pool.end())
  await checkServer(pool)
  await refuseSandbox(pool, config.schema)
  await prepare(pool)
  const metrics = createMetrics()
  metrics.setPoolStats(() => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }))
  const { engine, feed, hotPath, replica } = await engineOver(pool, config, {
    observer: metrics.observerFor(config.strategy),
    hooks: { ...redisHooks(logger, metrics), replica: replicaHooks(logger, metrics) },
  })
  lifetime.onClose(() => engine.close())
  if (hotPath) metrics.setOutstanding(() => hotPath.outstanding())
  if (replica) metrics.setReplica(async () => sampleOf(await replica.look()))
  const sinks = createSinkStore({ pool, schema: config.schema, observer: SILENT_OBSERVER })
  metrics.setSinks(async () =>
    (await readSinkStatus(sinks, feed)).map((sink) => ({ ...sink, isFailing: sink.failure !== null })),
  )
  const deliveries = createDeliveryStore({ pool, schema: config.schema, observer: SILENT_OBSERVER })
  metrics.setWebhooks(() => deliveries.status())
  return { pool, engine, feed, sinks, hotPath, replica, metrics }
}

function redisHooks(logger: Logger, metrics: Metrics): RedisHooks {
  const failures = tellOncePerOutage(logger, "following the shards of Redis")
  return {
    onWarning: (warning) => logger.warn(warning),
    onLost({ shard, ids }) {
      metrics.revoked("lost", ids.length)
      logger.error(
        { shard, ids },
        `Redis lost ${ids.length} reservations that were acknowledged: they are revoked`,
      )
    },
    onRevoked({ reason, ids }) {
      metrics.revoked(reason, ids.length)
      // Of those whose key was taken, hardly any was ever told to anybody: callers that repeat themselves make some.
      const level = reason === "key_claimed" ? "warn" : "error"
      logger[level](
        { reason, ids },
        `${ids.length} reservations of Redis could not be kept when they were persisted: revoked`,
      )
    },
    onFailure: failures.add,
  }
}

/** @returns the url where it listens */
export async function openHttp(
  service: ServiceContext,
  { pool: backendPool, engine, feed, sinks, replica, metrics }: Backend,
): Promise<string> {
  const { config, databaseUrl, logger, lifetime } = service
  const pool = openPool({ databaseUrl, max: PROBE_POOL_SIZE, applicationName: "earmark readiness" })
  lifetime.onClose(() => pool.end())
  const readiness = createReadiness({ pool, schema: config.schema, stopping: lifetime.stopping })
  const server = await createServer({
    engine,
    webhooks: openWebhooksOver(backendPool, config),
    theatre: openConfiguredTheatre(service),
    metrics,
    logger,
    readiness,
    pages: builtPages(),
    sinks: openSinks(sinks, feed),
    ...(replica && { replicaStatus: () => replica.look() }),
  })
  // Takes no new connections, and answers what was accepted.
  lifetime.onClose(() => server.close())
  return listen(server, { host: config.host, port: config.port })
}

/** Null: it is turned off. Closed after the server, when nobody can start a sale any more. */
function openConfiguredTheatre({ config, databaseUrl, lifetime }: ServiceContext): Theatre | null {
  if (!config.theatre) return null
  const { schema } = config
  const theatre = openTheatreOver({ databaseUrl, schema }, { stopping: lifetime.stopping })
  lifetime.onClose(() => theatre.close())
  return theatre
}
