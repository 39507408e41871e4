import { randomUUID } from "node:crypto"
import pg from "pg"
import { inject } from "vitest"
import { openPool } from "../../src/postgres/connect.ts"
import { TEMPLATE } from "./global-setup.ts"

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A database of its own for one test or file, cloned from the migrated template; or an empty one. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`
  await onServer(`create database ${name} ${migrated ? `template ${TEMPLATE}` : ""}`)
  const url = new URL(inject("databaseServerUrl"))
  url.pathname = name
  return {
    url: url.href,
    drop: () => onServer(`drop database ${name} with (force)`),
  }
}

/** Cloning a template excludes everybody else from it for a moment, so these take turns. */
async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject("databaseServerUrl") })
  await client.connect()
  try {
    await client.query("select pg_advisory_lock(1)")
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** One that may stay open for as long as a test takes: a pool of ours lets the server end it after some seconds. */
export async function openTransaction(pool: pg.Pool): Promise<pg.PoolClient> {
  const client = await pool.connect()
  await client.query("begin")
  await client.query("set local idle_in_transaction_session_timeout = 0")
  return client
}

export function openTestPool(url: string, max = 10): pg.Pool {
  return openPool({ databaseUrl: url, max })
}
