/** Puts the engine together over Postgres. What it is asked for counts as checked: see `createEngine` and the HTTP layer. */
import { EarmarkError, StartError } from "../core/errors.ts"
import { createEngineOver, type Engine } from "../engine/engine.ts"
import type { EventFeed } from "../engine/event-feed.ts"
import { type EngineObserver, SILENT_OBSERVER } from "../engine/ports.ts"
import { createEventFeed } from "../events/event-feed.ts"
import { createLiveFeed } from "../events/live-feed.ts"
import { createLiveStock } from "../events/live-stock.ts"
import { checkServer, openPool } from "../postgres/connect.ts"
import { createFeedStore } from "../postgres/feed/feed-store.ts"
import { migrate } from "../postgres/migrate.ts"
import { primaryReads, withoutReplica } from "../postgres/reads/informing.ts"
import type { Replica } from "../postgres/replica/replica.ts"
import { createStore } from "../postgres/store.ts"
import { STRATEGY_FACTORIES } from "../postgres/strategies.ts"
import type { HotPath } from "../redis/hot-path.ts"
import { openHotPathOver, type RedisHooks } from "./open-hot-path.ts"
import { openReplicaOf, type ReplicaHooks } from "./open-replica.ts"
import { type CreateEngineOptions, checkOptions, EVENT_SOURCE_DEFAULT } from "./options.ts"

export interface EngineParts {
  readonly engine: Engine
  /** The feed that the engine's events come from. */
  readonly feed: EventFeed
  /** With the strategy `redis`: what the loops of a worker run. */
  readonly hotPath: HotPath | null
  readonly replica: Replica | null
}

export async function openEngine(options: CreateEngineOptions): Promise<Engine> {
  return (await openEngineParts(options)).engine
}

export async function openEngineParts(
  options: CreateEngineOptions,
  hooks: RedisHooks & ReplicaHooks = {},
): Promise<EngineParts> {
  const holds = checkOptions(options)
  const { schema = "earmark", strategy = "batched", databaseUrl = "", poolSize } = options
  const observer = unthrowing(options.observer ?? SILENT_OBSERVER)
  const pool = options.pool ?? openPool({ databaseUrl, ...(poolSize === undefined ? {} : { max: poolSize }) })
  const closePool = async () => {
    if (!options.pool) await pool.end()
  }
  try {
    await checkServer(pool)
    if (options.migrate ?? true) await migrate(pool, { schema })
    const database = { pool, schema, observer }
    const replica = openReplicaOf(options, database, hooks)
    const reads = replica?.reads ?? primaryReads(database)
    const store = createStore(database, reads)
    const hotPath =
      strategy === "redis" ? await openHotPathOver(database, options.redisUrl ?? "", hooks) : null
    const eventSource = options.eventSource ?? EVENT_SOURCE_DEFAULT
    const feed = createEventFeed(createFeedStore(database, reads), eventSource)
    const live = createFeedStore(database, withoutReplica(database, reads))
    const engine = createEngineOver({
      strategy:
        hotPath?.strategy ?? STRATEGY_FACTORIES[strategy === "redis" ? "batched" : strategy](database),
      store: hotPath?.storeOver(store) ?? store,
      feed,
      liveFeed: createLiveFeed(live, eventSource),
      liveStock: createLiveStock({ store: live, availability: createStore(database).availability }),
      holds,
      observer,
    })
    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= engine
        .close()
        .then(() => hotPath?.close())
        .then(() => replica?.close())
        .then(closePool)
      return closing
    }
    return { engine: { ...engine, close }, feed, hotPath, replica }
  } catch (error) {
    await closePool()
    throw error
  }
}

/** Whoever counts must not decide: what an observer throws ends here, and not in somebody's reservation. */
function unthrowing(observer: EngineObserver): EngineObserver {
  const guarded =
    <Values extends unknown[]>(tell: (...values: Values) => void) =>
    (...values: Values) => {
      try {
        tell(...values)
      } catch {
        // Nothing that could be told to anybody: the caller's request has nothing to do with it.
      }
    }
  return {
    operation: guarded((operation, outcome, seconds) => observer.operation(operation, outcome, seconds)),
    retry: guarded((reason) => observer.retry(reason)),
    batch: guarded((size) => observer.batch(size)),
    queued: guarded((requests) => observer.queued(requests)),
    swept: guarded((holdsEnded, lagSeconds) => observer.swept(holdsEnded, lagSeconds)),
  }
}

/** For callers of the library, who match on codes: what keeps the database from being used is a fault like any other. */
export function asEarmarkError(error: unknown): unknown {
  if (!(error instanceof StartError)) return error
  return new EarmarkError("unavailable", error.message, { notApplied: true, cause: error })
}
