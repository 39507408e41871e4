/** The only reader of the environment: behind it there are only typed values. */
import { StartError } from "../core/errors.ts"
import { maskUrl } from "./mask.ts"
import { nearest } from "./nearest.ts"
import { SETTINGS, type Setting, type SettingKey } from "./settings.ts"

export type Environment = Readonly<Record<string, string | undefined>>

export type Config = {
  readonly [K in SettingKey]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never
}

export interface SettingReport {
  readonly name: string
  /** As it may be shown: without passwords. Null: not set, and without a default. A default may be a few words. */
  readonly value: string | null
  readonly source: "environment" | "default"
  readonly meaning: string
}

export interface SettingsReport {
  readonly settings: readonly SettingReport[]
  /** A sentence for each thing that is wrong; empty: the service would start. */
  readonly problems: readonly string[]
}

/** Every variable that begins so is ours: one that is not in the table is a slip that would be missed in silence. */
const PREFIX = "EARMARK_"

const TABLE = Object.entries(SETTINGS) as [SettingKey, Setting<Config[SettingKey]>][]

/** @throws StartError that names every setting that is wrong, what it says and what is expected */
export function readConfig(environment: Environment): Config {
  const { config, problems } = read(environment)
  if (problems.length > 0) {
    const [settings, are] = problems.length === 1 ? ["setting", "is"] : ["settings", "are"]
    throw new StartError(
      `${problems.length} ${settings} ${are} wrong:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    )
  }
  return config
}

/** What `earmark config` shows, whether or not it is right. */
export function describeSettings(environment: Environment): SettingsReport {
  const settings = TABLE.map(([, setting]): SettingReport => {
    const text = textOf(setting, environment)
    return {
      name: setting.name,
      value: text === null ? (setting.default ?? setting.defaultShown ?? null) : shown(setting, text),
      source: text === null ? "default" : "environment",
      meaning: setting.meaning,
    }
  })
  return { settings, problems: read(environment).problems }
}

function read(environment: Environment): { config: Config; problems: string[] } {
  const problems: string[] = []
  const values: Partial<Record<SettingKey, Config[SettingKey]>> = {}
  for (const [key, setting] of TABLE) {
    const text = textOf(setting, environment) ?? setting.default
    const parsed = text === null ? { value: null } : setting.parse(text)
    if ("value" in parsed) values[key] = parsed.value
    else
      problems.push(
        `${setting.name}=${shown(setting, text ?? "")}: ${parsed.problem ?? `expected ${setting.expected}`}`,
      )
  }
  const config = Object.freeze(values) as Config
  return {
    config,
    problems: [
      ...problems,
      ...orderProblems(config),
      ...redisProblems(config),
      ...replicaProblems(config),
      ...unknownNames(environment),
    ],
  }
}

/** An empty variable is how compose files and shells say "not set". */
function textOf(setting: Setting<unknown>, environment: Environment): string | null {
  return environment[setting.name]?.trim() || null
}

function shown(setting: Setting<unknown>, text: string): string {
  return setting.secret ? maskUrl(text) : text
}

/** Settings that are right alone and wrong together. Those that could not be parsed compare as neither. */
function orderProblems(config: Partial<Config>): string[] {
  const ascending = ["ttlSecondsDefault", "ttlSecondsMax", "lifetimeSecondsMax"] as const
  return ascending.slice(1).flatMap((key, index) => {
    const lesser = ascending[index] ?? key
    const [low = Number.NaN, high = Number.NaN] = [config[lesser], config[key]]
    if (!(low > high)) return []
    return [`${SETTINGS[lesser].name}=${low}: expected at most ${SETTINGS[key].name}, which is ${high}`]
  })
}

function redisProblems({ strategy, redisUrl }: Partial<Config>): string[] {
  if (strategy !== "redis" || redisUrl !== null) return []
  return [`${SETTINGS.strategy.name}=redis: expected ${SETTINGS.redisUrl.name} beside it`]
}

function replicaProblems({ databaseUrl, replicaUrl }: Partial<Config>): string[] {
  if (replicaUrl === null || replicaUrl === undefined || databaseUrl !== null) return []
  return [`${SETTINGS.replicaUrl.name}: expected ${SETTINGS.databaseUrl.name} beside it, whose standby it is`]
}

function unknownNames(environment: Environment): string[] {
  const known = TABLE.map(([, setting]) => setting.name)
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known)
      return `${name}: there is no such setting${near === null ? "" : `; did you mean ${near}?`}`
    })
}
