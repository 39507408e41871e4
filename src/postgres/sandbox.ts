/**
 * A schema beside that of the service, for what is only played: it is dropped and made anew before each use. What is
 * dropped carries a mark that only this file gives, so that a schema which somebody else has made is never touched, and one
 * that was given the mark is never sold from in earnest.
 */
import type pg from "pg"
import { StartError } from "../core/errors.ts"
import { openPool } from "./connect.ts"
import { inSchema, quoteIdentifier } from "./statement.ts"
import { verify } from "./verify.ts"

const SUFFIX = "_theatre"
/** Of Postgres: what is longer would be cut off, and could become the name of the service's own schema. */
const NAME_LENGTH_MAX = 63
const MARK = "earmark sandbox: dropped without asking"
/** Any number that nobody else uses; the schema's name makes it one lock a sandbox. */
const LOCK_SPACE = 0x65617273

export interface PostgresSandbox {
  readonly schema: string
  /** Bounded by the size that it was claimed with; one connection of it holds the claim. */
  readonly pool: pg.Pool
  clear(): Promise<void>
  /** Units of reservations that are held or confirmed. */
  promised(sku: string): Promise<number>
  /** The laws that do not hold. */
  brokenLaws(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface SandboxOptions {
  readonly databaseUrl: string
  readonly schema: string
  /** Connections for whoever sells. */
  readonly poolSize: number
}

/** The schema of the sandbox beside that of a service. */
export function sandboxSchemaOf(schema: string): string {
  const own = schema.slice(0, NAME_LENGTH_MAX - SUFFIX.length) + SUFFIX
  if (own !== schema) return own
  throw new StartError(`the schema ${schema} leaves no name for a sandbox beside it: set EARMARK_THEATRE=0`)
}

/** A service must not put its stock where it is dropped without asking. */
export async function refuseSandbox(pool: pg.Pool, schema: string): Promise<void> {
  if ((await markOf(pool, schema)) !== MARK) return
  throw new StartError(`the schema ${schema} is the sandbox of another service, which drops it: use another`)
}

/** Null: somebody else has it. It is given back when its connection ends, however that comes. */
export async function claimSandbox(options: SandboxOptions): Promise<PostgresSandbox | null> {
  const schema = sandboxSchemaOf(options.schema)
  const { databaseUrl, poolSize } = options
  const pool = openPool({ databaseUrl, max: poolSize + 1, applicationName: "earmark theatre" })
  try {
    const holder = await pool.connect()
    const { rows } = await holder
      .query<{ claimed: boolean }>("select pg_try_advisory_lock($1, hashtext($2)) as claimed", [
        LOCK_SPACE,
        schema,
      ])
      .catch((error: unknown) => {
        holder.release(true)
        throw error
      })
    const close = async () => {
      // With the session goes the lock.
      holder.release(true)
      await pool.end()
    }
    if (rows[0]?.claimed) return sandboxOver(pool, schema, close)
    await close()
    return null
  } catch (error) {
    if (!pool.ended) await pool.end()
    throw error
  }
}

function sandboxOver(pool: pg.Pool, schema: string, close: () => Promise<void>): PostgresSandbox {
  return {
    schema,
    pool,
    close,
    clear: () => clear(pool, schema),
    async promised(sku) {
      const text = inSchema(
        schema,
        `select coalesce(sum(line.quantity), 0)::int as promised
         from earmark.reservations r
         cross join lateral unnest(r.stock_level_ids, r.quantities) as line(stock_level_id, quantity)
         join earmark.stock_levels l on l.id = line.stock_level_id
         where r.state in ('held', 'confirmed') and l.sku = $1`,
      )
      const { rows } = await pool.query<{ promised: number }>(text, [sku])
      return rows[0]?.promised ?? 0
    },
    async brokenLaws() {
      const laws = await verify(pool, { schema })
      return laws.filter(({ holds }) => !holds).map(({ id }) => id)
    },
  }
}

async function clear(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    const mark = await markOf(client, schema)
    if (mark !== null && mark !== MARK) {
      throw new Error(`there is a schema ${schema} already, which is not a sandbox: it is left alone`)
    }
    if (mark !== null) await client.query(`drop schema ${quoteIdentifier(schema)} cascade`)
    await client.query(`create schema ${quoteIdentifier(schema)}`)
    await client.query(`comment on schema ${quoteIdentifier(schema)} is '${MARK}'`)
    await client.query("commit")
  } catch (error) {
    await client.query("rollback").catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** What was written beside the schema, or nothing; null: there is no such schema. */
async function markOf(client: pg.Pool | pg.PoolClient, schema: string): Promise<string | null> {
  const { rows } = await client.query<{ mark: string }>(
    "select coalesce(obj_description(oid, 'pg_namespace'), '') as mark from pg_namespace where nspname = $1",
    [schema],
  )
  return rows[0]?.mark ?? null
}
