/** Brings a schema to the version of this code: each migration once, all under one lock, all or nothing. */
import { hash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type pg from "pg"
import { StartError } from "../core/errors.ts"
import { inSchema, quoteIdentifier } from "./statement.ts"

export interface Migration {
  readonly name: string
  /** The statements as they run, in the schema asked for. */
  readonly sql: string
}

interface SchemaOptions {
  readonly schema: string
}

const FOLDER = new URL("./migrations/", import.meta.url)
/** Any number that nobody else uses; the schema's name makes it one lock a schema. */
const LOCK_SPACE = 0x6561726d
const BREAKPOINT = "--> statement-breakpoint"

/** Applies what is missing and returns the names. Any number of processes may do so at once. */
export async function migrate(pool: pg.Pool, { schema }: SchemaOptions): Promise<readonly string[]> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    // Waiting for another process that migrates, or building an index, may take longer than a request may.
    await client.query("set local lock_timeout = 0")
    await client.query("set local statement_timeout = 0")
    await client.query("select pg_advisory_xact_lock($1, hashtext($2))", [LOCK_SPACE, schema])
    await makeSchema(client, schema)
    const pending = await findPending(client, schema)
    for (const { name, sql, checksum } of pending) {
      for (const statement of sql.split(BREAKPOINT)) await client.query(statement)
      await client.query(
        inSchema(schema, "insert into earmark.migrations (name, checksum) values ($1, $2)"),
        [name, checksum],
      )
    }
    await client.query("commit")
    return pending.map(({ name }) => name)
  } catch (error) {
    await client.query("rollback").catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** What `migrate` would apply now. Reads only. */
export async function pendingMigrations(
  pool: pg.Pool,
  { schema }: SchemaOptions,
): Promise<readonly Migration[]> {
  return findPending(pool, schema)
}

async function makeSchema(client: pg.ClientBase, schema: string): Promise<void> {
  // `create schema if not exists` needs the right to create even where the schema is there already.
  const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [schema])
  if (rowCount === 0) await client.query(`create schema ${quoteIdentifier(schema)}`)
  await client.query(
    inSchema(
      schema,
      `create table if not exists earmark.migrations (
         name text primary key,
         checksum text not null,
         applied_at timestamptz not null default now()
       )`,
    ),
  )
}

async function findPending(
  client: pg.ClientBase | pg.Pool,
  schema: string,
): Promise<(Migration & { readonly checksum: string })[]> {
  const applied = await readApplied(client, schema)
  const known = await readMigrations()
  for (const name of applied.keys()) {
    if (known.some((migration) => migration.name === name)) continue
    throw new StartError(
      `the database has the migration ${name}, which this version does not know: use a newer version`,
    )
  }
  const pending: (Migration & { readonly checksum: string })[] = []
  for (const { name, sql } of known) {
    const checksum = hash("sha256", sql, "hex")
    const appliedChecksum = applied.get(name)
    if (appliedChecksum === undefined) pending.push({ name, sql: inSchema(schema, sql), checksum })
    else if (appliedChecksum !== checksum) {
      throw new StartError(
        `the migration ${name} was applied with another content: the schema is not what it says`,
      )
    }
  }
  return pending
}

async function readApplied(client: pg.ClientBase | pg.Pool, schema: string): Promise<Map<string, string>> {
  const table = `${quoteIdentifier(schema)}.migrations`
  const { rows: found } = await client.query<{ found: boolean }>(
    "select to_regclass($1) is not null as found",
    [table],
  )
  if (!found[0]?.found) return new Map()
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `select name, checksum from ${table}`,
  )
  return new Map(rows.map((row) => [row.name, row.checksum]))
}

async function readMigrations(): Promise<Migration[]> {
  const journal = JSON.parse(await readFile(new URL("meta/_journal.json", FOLDER), "utf8")) as {
    entries: { tag: string }[]
  }
  return Promise.all(
    journal.entries.map(async ({ tag }) => ({
      name: tag,
      sql: await readFile(new URL(`${tag}.sql`, FOLDER), "utf8"),
    })),
  )
}
