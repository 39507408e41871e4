import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { expect, test } from "vitest"
import { StartError } from "../core/errors.ts"
import { STRATEGIES } from "../engine/ports.ts"
import { describeSettings, type Environment, readConfig } from "./read-config.ts"
import { SETTINGS, STRATEGY_SETTINGS } from "./settings.ts"

function refusal(environment: Environment): string {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
  throw new Error("nothing was refused")
}

test("an empty environment gives the defaults of the contract", () => {
  expect(readConfig({})).toEqual({
    databaseUrl: null,
    replicaUrl: null,
    replicaStalenessMs: 1000,
    dataDir: resolve(".earmark"),
    schema: "earmark",
    eventSource: "/earmark",
    kafka: null,
    kafkaTopic: "earmark.events",
    eventStreamUrl: null,
    eventStreamKey: "earmark:events",
    eventStreamMax: 1_000_000,
    redisUrl: null,
    host: "127.0.0.1",
    port: 8080,
    strategy: "batched",
    ttlSecondsDefault: 600,
    ttlSecondsMax: 86_400,
    lifetimeSecondsMax: 604_800,
    sweepIntervalMs: 1000,
    periodDays: 30,
    retentionDays: 0,
    demo: null,
    theatre: null,
    logLevel: "info",
    webhookAllow: null,
  })
})

test("the config cannot be changed", () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true)
})

test("the strategies are those of the engine", () => {
  expect(STRATEGY_SETTINGS).toEqual(STRATEGIES)
})

test("a variable that is set to nothing counts as not set", () => {
  expect(readConfig({ DATABASE_URL: "", PORT: " " })).toEqual(readConfig({}))
})

test.each<[string, string, unknown]>([
  ["DATABASE_URL", "postgres://u:p@h:5432/d", "postgres://u:p@h:5432/d"],
  ["DATABASE_URL", "postgresql://user@/d?host=/run/postgresql", "postgresql://user@/d?host=/run/postgresql"],
  ["EARMARK_SCHEMA", "a".repeat(63), "a".repeat(63)],
  ["PORT", "0", 0],
  ["PORT", "65535", 65_535],
  ["EARMARK_SWEEP_INTERVAL_MS", "0", 0],
  ["EARMARK_DEMO", "0", false],
  ["EARMARK_DEMO", "1", true],
  ["EARMARK_THEATRE", "1", true],
  ["EARMARK_STRATEGY", "row-lock", "row-lock"],
  ["LOG_LEVEL", "silent", "silent"],
  ["HOST", "::", "::"],
  ["EARMARK_KAFKA_TOPIC", "Stock_1.events-x", "Stock_1.events-x"],
])("%s=%s is taken", (name, text, value) => {
  expect(Object.values(readConfig({ [name]: text }))).toContainEqual(value)
})

test.each([
  ["DATABASE_URL", "mysql://h/d"],
  ["DATABASE_URL", "h:5432/d"],
  ["REDIS_URL", "http://h"],
  ["EARMARK_SCHEMA", "a".repeat(64)],
  ["EARMARK_SCHEMA", "Earmark"],
  ["EARMARK_SCHEMA", "pg_earmark"],
  ["EARMARK_SCHEMA", 'ear"mark'],
  ["EARMARK_SCHEMA", "1st"],
  ["HOST", "a b"],
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "8080.0"],
  ["PORT", "0x10"],
  ["EARMARK_STRATEGY", "fast"],
  ["EARMARK_HOLD_TTL_SECONDS", "0"],
  ["EARMARK_HOLD_TTL_SECONDS", "315360001"],
  ["EARMARK_SWEEP_INTERVAL_MS", "86400001"],
  ["EARMARK_DEMO", "yes"],
  ["LOG_LEVEL", "verbose"],
  ["EARMARK_EVENT_STREAM_URL", "http://h"],
  ["EARMARK_EVENT_STREAM_KEY", "a b"],
  ["EARMARK_EVENT_STREAM_MAX", "0"],
  ["EARMARK_KAFKA_TOPIC", "a b"],
  ["EARMARK_KAFKA_TOPIC", ".."],
  ["EARMARK_KAFKA_TOPIC", "a".repeat(250)],
])("%s=%s is refused", (name, text) => {
  expect(refusal({ [name]: text })).toContain(name)
})

test("everything that is wrong is reported at once, with the value and what is expected", () => {
  const message = refusal({ PORT: "80x", LOG_LEVEL: "loud", EARMARK_STRATEGI: "batched", EARMARK_DEMO: "1" })
  expect(message).toBe(
    [
      "3 settings are wrong:",
      "  PORT=80x: expected a whole number from 0 to 65535",
      "  LOG_LEVEL=loud: expected one of trace, debug, info, warn, error, fatal, silent",
      "  EARMARK_STRATEGI: there is no such setting; did you mean EARMARK_STRATEGY?",
    ].join("\n"),
  )
})

test("a replica is one of a database that is set", () => {
  const replica = { DATABASE_REPLICA_URL: "postgres://standby/d" }
  expect(describeSettings(replica).problems).toEqual([
    "DATABASE_REPLICA_URL: expected DATABASE_URL beside it, whose standby it is",
  ])
  expect(describeSettings({ ...replica, DATABASE_URL: "postgres://primary/d" }).problems).toEqual([])
})

test("the redis strategy needs a Redis, and nothing else does", () => {
  expect(refusal({ EARMARK_STRATEGY: "redis" })).toContain(
    "EARMARK_STRATEGY=redis: expected REDIS_URL beside it",
  )
  const settings = { EARMARK_STRATEGY: "redis", REDIS_URL: "redis://localhost:6379" }
  expect(readConfig(settings)).toMatchObject({ strategy: "redis", redisUrl: settings.REDIS_URL })
})

test("a name that resembles nothing gets no suggestion, and other programs' variables are left alone", () => {
  expect(refusal({ EARMARK_ENTIRELY_DIFFERENT_THING: "1" })).not.toContain("did you mean")
  expect(readConfig({ PORTS: "1", DATABASE: "x" })).toEqual(readConfig({}))
})

test("the ttls are in order: default, largest, lifetime", () => {
  const names = [
    "EARMARK_HOLD_TTL_SECONDS",
    "EARMARK_HOLD_TTL_MAX_SECONDS",
    "EARMARK_HOLD_LIFETIME_MAX_SECONDS",
  ]
  const [low = "", middle = "", high = ""] = names
  expect(readConfig({ [low]: "5", [middle]: "5", [high]: "5" }).lifetimeSecondsMax).toBe(5)
  expect(refusal({ [low]: "6", [middle]: "5" })).toContain(`${low}=6: expected at most ${middle}, which is 5`)
  expect(refusal({ [middle]: "604801" })).toContain(
    `${middle}=604801: expected at most ${high}, which is 604800`,
  )
})

test.each([
  ["postgres://user:secret@host/d", "postgres://user:***@host/d"],
  ["postgres://user:se:cr@et@host/d", "postgres://user:***@host/d"],
  ["postgres://host/d?user=u&password=secret&ssl=1", "postgres://host/d?user=u&password=***&ssl=1"],
  ["postgres://user@host/d", "postgres://user@host/d"],
  ["mysql://user:secret@host/d", "mysql://user:***@host/d"],
  ["user:secret host", "***"],
  ["postgres://user:secret@host:port/d", "***"],
])("the password of %s is never shown", (url, shown) => {
  const { settings, problems } = describeSettings({ DATABASE_URL: url })
  expect(settings[0]?.value).toBe(shown)
  expect(problems.join()).not.toContain("secret")
})

test.each([
  ["kafka://user:secret@a:1,b:2", "kafka://user:***@a:1,b:2"],
  ["kafkas://user:sec,ret@a,b?sasl=scram-sha-512", "kafkas://user:***@a,b?sasl=scram-sha-512"],
  ["kafka://user:secret,b:2", "***"],
])("the password of %s is never shown either", (url, shown) => {
  const { settings, problems } = describeSettings({ EARMARK_KAFKA_URL: url })
  expect(settings.find(({ name }) => name === "EARMARK_KAFKA_URL")?.value).toBe(shown)
  expect(problems.join()).not.toContain("secret")
})

test("the report says where a value came from", () => {
  const { settings } = describeSettings({ PORT: "9" })
  const port = settings.find(({ name }) => name === "PORT")
  const host = settings.find(({ name }) => name === "HOST")
  expect([port?.value, port?.source]).toEqual(["9", "environment"])
  expect([host?.value, host?.source]).toEqual(["127.0.0.1", "default"])
})

test("docs/reference/settings.md has the table of the code", () => {
  const docs = readFileSync(new URL("../../docs/reference/settings.md", import.meta.url), "utf8")
  const rows = docs.split("\n").filter((line) => line.startsWith("| `"))
  const wanted = Object.values(SETTINGS).map((setting) => {
    const value = setting.default === null ? "none" : `\`${setting.default}\``
    return `| \`${setting.name}\` | ${value} | ${setting.meaning} | ${setting.expected} |`
  })
  expect(rows).toEqual(wanted)
})
