/** Refuses a Redis that would lose reservations as a matter of course, with the sentence that mends it. */
import { StartError } from "../core/errors.ts"
import { keysOf, SHARDS } from "./keys.ts"
import type { RedisServer } from "./server.ts"

/** `INFO` with several sections, and effects replicated from scripts as they are. Valkey calls itself 7.2 there. */
const VERSION_MIN = 7

export interface RedisWarning {
  readonly warning: string
}

/** Looks at every server that has a shard. */
export async function checkRedis(server: RedisServer, space: string): Promise<readonly RedisWarning[]> {
  const warnings = new Set<string>()
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const [key = ""] = keysOf(space, shard).all
    const warning = await checkServerOf(server, key)
    if (warning !== null) warnings.add(warning)
  }
  return [...warnings].map((warning) => ({ warning }))
}

/** What is wrong with the server that has this key, with what mends it; null while nothing is. */
export async function refusalOf(server: RedisServer, key: string): Promise<string | null> {
  try {
    await checkServerOf(server, key)
    return null
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
}

/** @returns a warning, if there is one */
async function checkServerOf(server: RedisServer, key: string): Promise<string | null> {
  const info = String(await server.send(key, ["INFO", "server"]))
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "of an unknown version"
  if (!(Number.parseInt(version, 10) >= VERSION_MIN)) {
    throw new StartError(`Redis is ${version}, and ${VERSION_MIN}.0 or newer is needed (or any Valkey)`)
  }
  const setting = await readSettings(server, key)
  if (setting === null) {
    return "Redis does not show its settings: make sure that maxmemory-policy is noeviction"
  }
  const policy = setting.get("maxmemory-policy")
  if (policy !== "noeviction") {
    throw new StartError(
      `maxmemory-policy of Redis is ${policy}, with which it drops reservations when memory is short: ` +
        "set it to noeviction (redis-cli config set maxmemory-policy noeviction)",
    )
  }
  if (setting.get("appendonly") === "yes") return null
  if (setting.get("save") === "") {
    throw new StartError(
      "Redis keeps nothing on disk, so every restart loses all reservations that are not persisted yet: " +
        "set appendonly to yes (redis-cli config set appendonly yes)",
    )
  }
  return "Redis has no append-only file: a crash revokes the reservations since its last snapshot (set appendonly to yes)"
}

/** Null: it does not tell, as some hosts of Redis do not. */
async function readSettings(server: RedisServer, key: string): Promise<ReadonlyMap<string, string> | null> {
  const names = ["maxmemory-policy", "appendonly", "save"]
  try {
    const replies = await Promise.all(names.map((name) => server.send(key, ["CONFIG", "GET", name])))
    return new Map((replies as string[][]).map(([name = "", value = ""]) => [name, value]))
  } catch (error) {
    if (error instanceof Error && /^(?:ERR|NOPERM)/.test(error.message)) return null
    throw error
  }
}
