/** The Postgres that is measured: one that is given, or a private one in a temporary folder. */
import { randomUUID } from "node:crypto"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { StartError } from "../index.ts"
import { startPrivatePostgres } from "../postgres/private/private-postgres.ts"
import { openProfile, PROFILE_SETTINGS, type Profile } from "./profile.ts"
import type { MeasuredPostgres } from "./result.ts"

export interface MeasuredServer {
  readonly url: string
  /** What the report says about it. */
  readonly measured: MeasuredPostgres
  /** Null unless it was asked for: it costs some of the rate. */
  readonly profile: Profile | null
  query(sql: string): Promise<Record<string, unknown>[]>
  /** The name of a schema that is not there yet. If it is still there when the server is closed, it is dropped then. */
  freshSchema(): string
  /** Does nothing where it is not there. */
  dropSchema(name: string): Promise<void>
  /** Writes out what earlier rounds left dirty, so that no round pays for another one. */
  checkpoint(): Promise<void>
  /** Leaves nothing behind: no schema of ours, no private server. */
  close(): Promise<void>
  /** For a process that cannot wait: stops a private server and returns at once. */
  closeNow(): void
}

/** Those that a rate depends on. */
const SETTINGS = [
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_level",
  "shared_buffers",
  "max_wal_size",
  "checkpoint_timeout",
  "autovacuum",
  "max_connections",
  // A profile costs time.
  "shared_preload_libraries",
]

/** Whoever uses the schema is gone by then: longer, and somebody else is in it. */
const DROP_LOCK_TIMEOUT = "10s"

/** What Postgres says to a user who may not do that. */
const INSUFFICIENT_PRIVILEGE = "42501"

interface ServerOptions {
  /** Whether statements are to be timed. */
  readonly profile: boolean
}

/** @param databaseUrl null: starts a private server */
export async function openServer(
  databaseUrl: string | null,
  { profile }: ServerOptions = { profile: false },
): Promise<MeasuredServer> {
  const started = databaseUrl === null ? await startTemporary(profile ? PROFILE_SETTINGS : {}) : GIVEN
  const url = databaseUrl ?? started.url
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: "earmark bench" })
  // A connection that breaks while nobody uses it is replaced by the next query; that one then says what is wrong.
  pool.on("error", () => {})
  const query = async (sql: string) => (await pool.query<Record<string, unknown>>(sql)).rows
  const schemas = new Set<string>()
  const close = async () => {
    try {
      for (const schema of schemas) await drop(schema)
    } finally {
      await pool.end()
      await started.stop()
    }
  }
  const drop = async (schema: string) => {
    await pool.query(`set lock_timeout = '${DROP_LOCK_TIMEOUT}'`)
    await pool.query(`drop schema if exists ${schema} cascade`)
  }
  try {
    const origin = databaseUrl === null ? ("private" as const) : ("given" as const)
    return {
      url,
      measured: { ...(await describe(query)), origin },
      profile: profile ? await openProfile(query, { isOurs: databaseUrl === null }) : null,
      query,
      freshSchema() {
        const schema = `earmark_bench_${randomUUID().slice(0, 8)}`
        schemas.add(schema)
        return schema
      },
      dropSchema: drop,
      checkpoint: () => query("checkpoint").then(() => {}, ignoreRefusal),
      close,
      closeNow: started.stopNow,
    }
  } catch (error) {
    await close()
    if (error instanceof StartError) throw error
    throw new StartError(`cannot reach the database: ${reasonOf(error)}`, { cause: error })
  }
}

/** A name with several addresses has a reason for each, and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ")
  return error instanceof Error ? error.message : String(error)
}

interface Started {
  readonly url: string
  stop(): Promise<void>
  stopNow(): void
}

const GIVEN: Started = { url: "", stop: async () => {}, stopNow: () => {} }

async function startTemporary(settings: Readonly<Record<string, string>>): Promise<Started> {
  const dataDir = await mkdtemp(join(tmpdir(), "earmark-bench-"))
  const remove = () => rm(dataDir, { recursive: true, force: true })
  try {
    // As root the server runs as somebody else, who must be able to reach the folder.
    await chmod(dataDir, 0o755)
    const { url, stop, stopNow } = await startPrivatePostgres({ dataDir, settings })
    return { url, stop: () => stop().finally(remove), stopNow }
  } catch (error) {
    await remove()
    throw error
  }
}

async function describe(query: MeasuredServer["query"]): Promise<Omit<MeasuredPostgres, "origin">> {
  const names = SETTINGS.map((name) => `'${name}'`).join(", ")
  const rows = await query(`
    select name, current_setting(name) as setting
    from pg_settings
    where name in ('server_version', ${names})`)
  const found = new Map(rows.map((row) => [String(row["name"]), String(row["setting"])]))
  return {
    version: found.get("server_version") ?? "",
    settings: Object.fromEntries(
      SETTINGS.flatMap((name) => (found.get(name) ? [[name, found.get(name) ?? ""]] : [])),
    ),
  }
}

/** On a server that is not ours we may not be allowed to; then its own checkpoints meet every contender alike. */
function ignoreRefusal(error: unknown): void {
  if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error
}
