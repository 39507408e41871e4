/** What Postgres spends its time on: the view of pg_stat_statements, read before and after what is measured. */
import { StartError } from "../index.ts"
import type { StatementTime } from "./result.ts"

export interface Profile {
  /** From here on it counts: what was seen before is forgotten. */
  begin(): Promise<void>
  /** From here on it counts no more: counting units, say, is not what is measured. May be left out. */
  stop(): Promise<void>
  /** What was seen between the two, whole: divided by nothing yet. */
  take(): Promise<Seen>
}

export interface Seen {
  /** Processor time of this process: callers, engine, driver. Null where they are in another one. */
  readonly nodeMicroseconds: number | null
  readonly statements: readonly StatementTime[]
}

/** What a private server needs for it. Statements inside of functions are seen too, which is what triggers run. */
export const PROFILE_SETTINGS = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
}

type Query = (sql: string) => Promise<Record<string, unknown>[]>

/** Fails where the server does not count; nothing is reset, since others may be counting too. */
export async function openProfile(query: Query, { isOurs }: { isOurs: boolean }): Promise<Profile> {
  if (isOurs) await query("create extension if not exists pg_stat_statements")
  const view = await findView(query)
  let before: Counts = new Map()
  let nodeBefore = process.cpuUsage()
  let seen: Promise<Seen> | null = null
  const look = async (): Promise<Seen> => {
    const { user, system } = process.cpuUsage(nodeBefore)
    return { nodeMicroseconds: user + system, statements: since(before, await readCounts(query, view)) }
  }
  return {
    async begin() {
      seen = null
      before = await readCounts(query, view)
      nodeBefore = process.cpuUsage()
    },
    async stop() {
      seen ??= look()
      await seen
    },
    take() {
      seen ??= look()
      return seen
    },
  }
}

/** One of ours, with all that is read of it: after an upgrade of the server the extension may be an old one. */
async function findView(query: Query): Promise<string> {
  const rows = await query(`
    select quote_ident(n.nspname) as schema
    from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements'`)
  const view = `${rows[0]?.["schema"]}.pg_stat_statements`
  try {
    await query(`select ${COLUMNS} from ${view} limit 0`)
    return view
  } catch (error) {
    throw new StartError(
      "--profile needs a server that counts: shared_preload_libraries = 'pg_stat_statements' and, in this database, " +
        "create extension pg_stat_statements, of version 1.9 or later",
      { cause: error },
    )
  }
}

const COLUMNS = "query, not toplevel as is_inner, calls, total_exec_time, wal_bytes"

/** By the text and whether another statement ran it. */
type Counts = ReadonlyMap<string, StatementTime>

async function readCounts(query: Query, view: string): Promise<Counts> {
  const rows = await query(`
    select ${COLUMNS}
    from ${view}
    where dbid = (select oid from pg_database where datname = current_database())
      and userid = (select oid from pg_roles where rolname = current_user)`)
  const counts = new Map<string, StatementTime>()
  for (const row of rows) {
    const statement = withoutSchema(String(row["query"]))
    const isInner = row["is_inner"] === true
    const key = `${isInner} ${statement}`
    const found = counts.get(key)
    counts.set(key, {
      statement,
      isInner,
      calls: Number(row["calls"]) + (found?.calls ?? 0),
      microseconds: Number(row["total_exec_time"]) * 1000 + (found?.microseconds ?? 0),
      walBytes: Number(row["wal_bytes"]) + (found?.walBytes ?? 0),
    })
  }
  return counts
}

/** Contenders have schemas of their own, and say the same in them. */
function withoutSchema(text: string): string {
  return text
    .replaceAll(/"?earmark_bench_[0-9a-f]+"?\./g, "")
    .replaceAll(/\s+/g, " ")
    .trim()
}

/** What reads and writes rows, and ends transactions. Others, such as `alter role`, may have a secret in their text. */
const KNOWN = /^\W*(select|with|insert|update|delete|exists|begin|commit|rollback)\b/i
/** The view itself is read between the two. */
const OURS = /pg_stat_statements/

function since(before: Counts, after: Counts): StatementTime[] {
  return [...after]
    .filter(([, { statement }]) => KNOWN.test(statement) && !OURS.test(statement))
    .map(([key, now]) => {
      const then = before.get(key)
      return {
        ...now,
        calls: now.calls - (then?.calls ?? 0),
        microseconds: now.microseconds - (then?.microseconds ?? 0),
        walBytes: now.walBytes - (then?.walBytes ?? 0),
      }
    })
    .filter(({ calls }) => {
      if (calls < 0) throw new Error("somebody has reset pg_stat_statements meanwhile")
      return calls > 0
    })
}
