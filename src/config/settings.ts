/** The one table of settings. `docs/reference/settings.md` is compared with it by a test. */
import { resolve } from "node:path"
import {
  REPLICA_STALENESS_MS_MAX,
  REPLICA_STALENESS_MS_MIN,
  TTL_SECONDS_CEILING,
  TTL_SECONDS_MIN,
} from "../core/limits.ts"
import { type KafkaUrl, kafkaUrl } from "./kafka-url.ts"
import {
  flag,
  identifier,
  networks,
  nonEmpty,
  oneOf,
  type Parse,
  topicName,
  url,
  wholeNumber,
} from "./parse.ts"

export interface Setting<T> {
  /** The name in the environment. */
  readonly name: string
  /** What the environment would have to say for the same effect. Null: not setting it gives the value null. */
  readonly default: string | null
  /** What stands in for a default that depends on the command. */
  readonly defaultShown?: string
  readonly meaning: string
  /** Completes "expected ...". */
  readonly expected: string
  /** True when the value may carry a password: it is never shown whole. */
  readonly secret?: boolean
  readonly parse: Parse<T>
}

/** `STRATEGIES` of the engine, which this folder may not import; a test compares the two. */
export const STRATEGY_SETTINGS = ["row-lock", "optimistic", "atomic-update", "batched", "redis"] as const

/** The levels of pino, the noisiest first. */
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const

/** A day: a longer pause leaves the tidying to the requests altogether, which `0` says more clearly. */
const SWEEP_INTERVAL_MS_MAX = 86_400_000

/** Ten years. */
const DAYS_MAX = 3650

/** A terabyte of Redis. */
const STREAM_ENTRIES_MAX = 1_000_000_000

/** The largest TCP port. */
const PORT_MAX = 65_535

const SECONDS_EXPECTED = `a whole number of seconds from ${TTL_SECONDS_MIN} to ${TTL_SECONDS_CEILING}`
const seconds = wholeNumber(TTL_SECONDS_MIN, TTL_SECONDS_CEILING)

function setting<T>(row: Setting<T>): Setting<T> {
  return row
}

export const SETTINGS = {
  databaseUrl: setting<string | null>({
    name: "DATABASE_URL",
    default: null,
    meaning:
      "Postgres 15 or newer. Absent: `npm start` runs a private Postgres of its own in `EARMARK_DATA_DIR`",
    expected: "a url like postgres://user:password@host:5432/database",
    secret: true,
    parse: url(["postgres", "postgresql"]),
  }),
  replicaUrl: setting<string | null>({
    name: "DATABASE_REPLICA_URL",
    default: null,
    meaning:
      "a streaming standby of `DATABASE_URL`, where lists, availability and the event feed may be read; nothing is decided there",
    expected: "a url like postgres://user:password@host:5432/database",
    secret: true,
    parse: url(["postgres", "postgresql"]),
  }),
  replicaStalenessMs: setting({
    name: "EARMARK_REPLICA_STALENESS_MS",
    default: "1000",
    meaning: "how far behind the standby may be, before the primary is asked instead",
    expected: `a whole number of milliseconds from ${REPLICA_STALENESS_MS_MIN} to ${REPLICA_STALENESS_MS_MAX}`,
    parse: wholeNumber(REPLICA_STALENESS_MS_MIN, REPLICA_STALENESS_MS_MAX),
  }),
  dataDir: setting({
    name: "EARMARK_DATA_DIR",
    default: ".earmark",
    meaning: "where the private Postgres keeps its data",
    expected: "the path of a folder",
    parse: (text) => ({ value: resolve(text) }),
  }),
  schema: setting({
    name: "EARMARK_SCHEMA",
    default: "earmark",
    meaning: "the Postgres schema",
    expected: "a name of 1 to 63 characters of a-z 0-9 _ that begins with a letter or _, and not with pg_",
    parse: identifier,
  }),
  redisUrl: setting<string | null>({
    name: "REDIS_URL",
    default: null,
    meaning: "Redis or Valkey; needed by the `redis` strategy only",
    expected: "a url like redis://user:password@host:6379, of any member if it is a cluster",
    secret: true,
    parse: url(["redis", "rediss"]),
  }),
  host: setting({
    name: "HOST",
    default: "127.0.0.1",
    meaning: "where HTTP listens; `0.0.0.0` and `::` mean every address of the machine",
    expected: "a host name or an address",
    parse: nonEmpty,
  }),
  port: setting({
    name: "PORT",
    default: "8080",
    meaning: "where HTTP listens; `0` takes a free port",
    expected: `a whole number from 0 to ${PORT_MAX}`,
    parse: wholeNumber(0, PORT_MAX),
  }),
  strategy: setting({
    name: "EARMARK_STRATEGY",
    default: "batched",
    meaning:
      "how contention for a stock level is resolved: `row-lock`, `optimistic`, `atomic-update`, `batched`, or `redis`, " +
      "which needs `REDIS_URL`",
    expected: `one of ${STRATEGY_SETTINGS.join(", ")}`,
    parse: oneOf(STRATEGY_SETTINGS),
  }),
  ttlSecondsDefault: setting({
    name: "EARMARK_HOLD_TTL_SECONDS",
    default: "600",
    meaning: "the ttl of a hold that asks for none",
    expected: SECONDS_EXPECTED,
    parse: seconds,
  }),
  ttlSecondsMax: setting({
    name: "EARMARK_HOLD_TTL_MAX_SECONDS",
    default: "86400",
    meaning: "the largest ttl that may be asked for",
    expected: SECONDS_EXPECTED,
    parse: seconds,
  }),
  lifetimeSecondsMax: setting({
    name: "EARMARK_HOLD_LIFETIME_MAX_SECONDS",
    default: "604800",
    meaning: "the lifetime of a hold that extending cannot pass",
    expected: SECONDS_EXPECTED,
    parse: seconds,
  }),
  sweepIntervalMs: setting({
    name: "EARMARK_SWEEP_INTERVAL_MS",
    default: "1000",
    meaning: "pause of the expiry loop; `0` runs none in this process",
    expected: `a whole number of milliseconds from 0 to ${SWEEP_INTERVAL_MS_MAX}`,
    parse: wholeNumber(0, SWEEP_INTERVAL_MS_MAX),
  }),
  periodDays: setting({
    name: "EARMARK_PERIOD_DAYS",
    default: "30",
    meaning:
      "days of a period of the books, which is kept or dropped as a whole; holds for periods yet to come",
    expected: `a whole number of days from 1 to ${DAYS_MAX}`,
    parse: wholeNumber(1, DAYS_MAX),
  }),
  retentionDays: setting({
    name: "EARMARK_RETENTION_DAYS",
    default: "0",
    meaning:
      "days that ended reservations, their keys and their journal are kept at least; then the worker drops them, a " +
      "period at a time. `0` keeps everything",
    expected: `a whole number of days from 0 to ${DAYS_MAX}`,
    parse: wholeNumber(0, DAYS_MAX),
  }),
  eventSource: setting({
    name: "EARMARK_EVENT_SOURCE",
    default: "/earmark",
    meaning: "what events name as where they come from; give each shop its own",
    expected: "a URI reference such as /earmark or https://shop.example/stock",
    parse: nonEmpty,
  }),
  kafka: setting<KafkaUrl | null>({
    name: "EARMARK_KAFKA_URL",
    default: null,
    meaning: "the Kafka that the worker hands events to; `kafkas://` is with TLS. Absent: none",
    expected:
      "a url like kafka://host:port,host:port or kafkas://user:password@host:port?sasl=plain " +
      "(or scram-sha-256, scram-sha-512)",
    secret: true,
    parse: kafkaUrl,
  }),
  kafkaTopic: setting({
    name: "EARMARK_KAFKA_TOPIC",
    default: "earmark.events",
    meaning: "the topic for events, which must exist",
    expected: "a name of 1 to 249 characters of A-Z a-z 0-9 . _ -",
    parse: topicName,
  }),
  eventStreamUrl: setting<string | null>({
    name: "EARMARK_EVENT_STREAM_URL",
    default: null,
    meaning:
      "the Redis with the stream that the worker hands events to; it may be that of `REDIS_URL`. Absent: none",
    expected: "a url like redis://user:password@host:6379, of any member if it is a cluster",
    secret: true,
    parse: url(["redis", "rediss"]),
  }),
  eventStreamKey: setting({
    name: "EARMARK_EVENT_STREAM_KEY",
    default: "earmark:events",
    meaning: "the key of the stream for events",
    expected: "a key without spaces",
    parse: nonEmpty,
  }),
  eventStreamMax: setting({
    name: "EARMARK_EVENT_STREAM_MAX",
    default: "1000000",
    meaning: "entries that the stream keeps, or a few more; older ones are dropped, read or not",
    expected: `a whole number from 1 to ${STREAM_ENTRIES_MAX}`,
    parse: wholeNumber(1, STREAM_ENTRIES_MAX),
  }),
  webhookAllow: setting<readonly string[] | null>({
    name: "EARMARK_WEBHOOK_ALLOW",
    default: null,
    meaning:
      "networks that webhooks may go to although they are private, also by plain http; without it they go to public " +
      "addresses by https alone",
    expected: "networks with commas between, such as 10.1.0.0/16,fd00:1::/32",
    parse: networks,
  }),
  demo: setting<boolean | null>({
    name: "EARMARK_DEMO",
    default: null,
    defaultShown: "1 for start, else 0",
    meaning:
      "`1` fills an empty database with the demo catalogue; not set, it is `1` for `npm start`, else `0`",
    expected: "0 or 1",
    parse: flag,
  }),
  theatre: setting<boolean | null>({
    name: "EARMARK_THEATRE",
    default: null,
    defaultShown: "1 for start, else 0",
    meaning:
      "`1` serves the flash-sale theatre, which sells from a sandbox in a schema of its own; not set, it is `1` for " +
      "`npm start`, else `0`",
    expected: "0 or 1",
    parse: flag,
  }),
  logLevel: setting({
    name: "LOG_LEVEL",
    default: "info",
    meaning: "the least level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`",
    expected: `one of ${LOG_LEVELS.join(", ")}`,
    parse: oneOf(LOG_LEVELS),
  }),
} as const

export type SettingKey = keyof typeof SETTINGS
