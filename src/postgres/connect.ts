import pg from "pg"
import { StartError } from "../core/errors.ts"
import { PipelinedClient } from "./pipelined-client.ts"
import {
  CONNECT_TIMEOUT_MS,
  IDLE_IN_TRANSACTION_TIMEOUT_MS,
  LOCK_TIMEOUT_MS,
  STATEMENT_TIMEOUT_MS,
} from "./timeouts.ts"

/** Connections that share the work: with one transaction a lane, more would only wait for each other's locks. */
const POOL_SIZE_DEFAULT = 10
const SERVER_VERSION_MIN = 150_000

/**
 * Each prepared statement is planned once: planning takes longer than running any of them. That one plan may be made
 * while the tables are empty, when reading all of a table looks cheap, and it is kept; so plans go by index, always.
 * Nor does any statement run long enough to be worth compiling.
 */
const SESSION_OPTIONS = [
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  "enable_bitmapscan=off",
  "enable_hashjoin=off",
  "enable_mergejoin=off",
  "jit=off",
]
  .map((setting) => `-c ${setting}`)
  .join(" ")

export interface PoolOptions {
  readonly databaseUrl: string
  /** Connections; 10 if not given. */
  readonly max?: number
  /** What Postgres calls the sessions; `earmark` if not given. */
  readonly applicationName?: string
  /** For those who want to see what is sent. */
  readonly clientClass?: typeof PipelinedClient
}

/** A pool as an engine opens its own: with short time-outs, and with clients that send several statements together. */
export function openPool(options: PoolOptions): pg.Pool {
  return openPoolWith(SESSION_OPTIONS, options)
}

/** As above, for a server that may refuse to write, or should: none of its sessions can, also where it would let them. */
export function openReadOnlyPool(options: PoolOptions): pg.Pool {
  return openPoolWith(`${SESSION_OPTIONS} -c default_transaction_read_only=on`, options)
}

function openPoolWith(
  sessionOptions: string,
  {
    databaseUrl,
    max = POOL_SIZE_DEFAULT,
    applicationName = "earmark",
    clientClass = PipelinedClient,
  }: PoolOptions,
): pg.Pool {
  const pool = new pg.Pool({
    Client: clientClass,
    connectionString: databaseUrl,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    options: sessionOptions,
  })
  // An idle connection that breaks is replaced by the next checkout; without a listener it would end the process.
  pool.on("error", () => {})
  // Nor has a connection a listener between being made and being handed out: a server that dies in that very moment
  // would take the process with it.
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}

/** Refuses a server on which an acknowledged commit could be lost, or that is too old. */
export async function checkServer(pool: pg.Pool): Promise<void> {
  const settings = await readSettings(pool)
  const version = Number(settings.get("server_version_num"))
  if (version < SERVER_VERSION_MIN) {
    throw new StartError(`Postgres 15 or newer is needed; this server is ${settings.get("server_version")}`)
  }
  for (const name of ["fsync", "full_page_writes", "synchronous_commit"]) {
    const value = settings.get(name)
    if (value !== "off") continue
    throw new StartError(
      `${name} is off on this Postgres server, so committed reservations could be lost: set it to on`,
    )
  }
}

async function readSettings(pool: pg.Pool): Promise<Map<string, string>> {
  try {
    const { rows } = await pool.query<{ name: string; setting: string }>(`
      select name, setting
      from pg_settings
      where name in ('server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')`)
    return new Map(rows.map((row) => [row.name, row.setting]))
  } catch (error) {
    const reason = error instanceof Error ? reasonOf(error) : String(error)
    throw new StartError(`cannot reach the database: ${reason}`)
  }
}

/** A refused connection to a name with several addresses has an empty message and the reasons inside. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((inner) => reasonOf(inner as Error)).join("; ")
  return error.message
}
