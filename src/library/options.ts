/** What `createEngine` is given, checked: a mistake here would otherwise show in the first reservation, or never. */
import type pg from "pg"
import { EarmarkError } from "../core/errors.ts"
import {
  REPLICA_STALENESS_MS_MAX,
  REPLICA_STALENESS_MS_MIN,
  TTL_SECONDS_CEILING,
  TTL_SECONDS_MIN,
} from "../core/limits.ts"
import { HOLD_SETTINGS_DEFAULT, type HoldSettings } from "../engine/context.ts"
import { type EngineObserver, STRATEGIES, type StrategyName } from "../engine/ports.ts"

export interface CreateEngineOptions {
  /** A Postgres URL: the engine opens a pool and closes it. One of `databaseUrl` and `pool` is needed. */
  readonly databaseUrl?: string | undefined
  /** A pool of the caller's, who closes it. One opened by `openPool` is as fast as the engine's own; others may not be. */
  readonly pool?: pg.Pool | undefined
  /**
   * A read replica: a streaming standby of the same database. Lists, availability and the feed may be read there; their `asOf`
   * says how new they are.
   */
  readonly replicaUrl?: string | undefined
  /** Milliseconds that what is read there may be behind, before the primary is asked; 1000 if not given. */
  readonly replicaStalenessMs?: number | undefined
  /** The Postgres schema; `earmark` if not given. */
  readonly schema?: string | undefined
  /** `batched` if not given. */
  readonly strategy?: StrategyName | undefined
  /** Redis or Valkey, for the strategy `redis`: the url of the server, or of any member of a cluster. */
  readonly redisUrl?: string | undefined
  /** Seconds: default and largest ttl, and the lifetime that extending cannot pass. */
  readonly holds?: Partial<HoldSettings> | undefined
  /** Connections of the engine's own pool, and of that of the replica; 10 if not given. */
  readonly poolSize?: number | undefined
  /** Bring the schema up to date first; true if not given. */
  readonly migrate?: boolean | undefined
  /** What events name as their source, a URI reference; `/earmark` if not given. */
  readonly eventSource?: string | undefined
  /** Called for everything that is worth counting. */
  readonly observer?: EngineObserver | undefined
}

const NAMES = [
  "databaseUrl",
  "pool",
  "replicaUrl",
  "replicaStalenessMs",
  "schema",
  "strategy",
  "redisUrl",
  "holds",
  "poolSize",
  "migrate",
  "eventSource",
  "observer",
]
/** Longer than a standby is behind that keeps up, and short enough that hardly anybody sees it. */
export const REPLICA_STALENESS_MS_DEFAULT = 1000
export const EVENT_SOURCE_DEFAULT = "/earmark"

/** Of Postgres: longer names are cut off in silence. */
const SCHEMA_PATTERN = /^[a-z_][a-z0-9_]{0,62}$/

/** Throws `invalid_request` with everything that is wrong. */
export function checkOptions(options: CreateEngineOptions): HoldSettings {
  const { databaseUrl, pool, schema = "earmark", strategy = "batched", poolSize = 1 } = options ?? {}
  const holds = holdSettings(options?.holds)
  const { ttlSecondsDefault, ttlSecondsMax } = holds
  const mistakes = Object.keys(options ?? {})
    .filter((name) => !NAMES.includes(name))
    .map((name) => ({ pointer: `/${name}`, message: `is not an option; there are ${NAMES.join(", ")}` }))
  const expect = (holdsTrue: boolean, pointer: string, message: string) => {
    if (!holdsTrue) mistakes.push({ pointer, message })
  }
  expect(
    (databaseUrl === undefined) !== (pool === undefined),
    "",
    "needs a databaseUrl or a pool, and not both",
  )
  expect(
    SCHEMA_PATTERN.test(schema),
    "/schema",
    "must be a lower-case Postgres identifier of at most 63 characters",
  )
  expect(STRATEGIES.includes(strategy), "/strategy", `must be one of ${STRATEGIES.join(", ")}`)
  expect(
    (strategy === "redis") === (options?.redisUrl !== undefined),
    "/redisUrl",
    "goes with the strategy redis, and with no other",
  )
  const { replicaStalenessMs = REPLICA_STALENESS_MS_DEFAULT } = options ?? {}
  expect(
    Number.isInteger(replicaStalenessMs) &&
      replicaStalenessMs >= REPLICA_STALENESS_MS_MIN &&
      replicaStalenessMs <= REPLICA_STALENESS_MS_MAX,
    "/replicaStalenessMs",
    `must be whole milliseconds from ${REPLICA_STALENESS_MS_MIN} to ${REPLICA_STALENESS_MS_MAX}`,
  )
  expect(Number.isInteger(poolSize) && poolSize > 0, "/poolSize", "must be a whole number from 1")
  for (const [name, seconds] of Object.entries(holds)) {
    const valid = Number.isInteger(seconds) && seconds >= TTL_SECONDS_MIN && seconds <= TTL_SECONDS_CEILING
    expect(valid, `/holds/${name}`, `must be whole seconds from ${TTL_SECONDS_MIN} to ${TTL_SECONDS_CEILING}`)
  }
  expect(ttlSecondsDefault <= ttlSecondsMax, "/holds", "must keep ttlSecondsDefault <= ttlSecondsMax")
  if (mistakes.length === 0) return holds
  const detail = mistakes
    .map(({ pointer, message }) => `${pointer.slice(1) || "createEngine"} ${message}`)
    .join("; ")
  throw new EarmarkError("invalid_request", detail, { notApplied: true, errors: mistakes })
}

function holdSettings(given: Partial<HoldSettings> = {}): HoldSettings {
  const said = Object.entries(given).filter(([, seconds]) => seconds !== undefined)
  return { ...HOLD_SETTINGS_DEFAULT, ...Object.fromEntries(said) }
}
