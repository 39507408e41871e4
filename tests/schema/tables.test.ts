/**
 * Much of the migrations is written by hand. The tables that they make are, column by column and constraint by
 * constraint, those that the schema in TypeScript describes.
 */
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api"
import type pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as schema from "../../src/postgres/schema.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"

const databases: TestDatabase[] = []
const pools: pg.Pool[] = []
let migrated: pg.Pool
let described: pg.Pool

beforeAll(async () => {
  migrated = await openDatabase({ migrated: true })
  described = await openDatabase({ migrated: false })
  await described.query("create schema earmark")
  const statements = await generateMigration(generateDrizzleJson({}), generateDrizzleJson(schema))
  for (const statement of statements) await described.query(statement)
})
afterAll(async () => {
  for (const pool of pools) await pool.end()
  for (const database of databases) await database.drop()
})

async function openDatabase(options: { migrated: boolean }): Promise<pg.Pool> {
  const database = await createTestDatabase(options)
  databases.push(database)
  const pool = openTestPool(database.url, 1)
  pools.push(pool)
  return pool
}

/** Of whole tables, not of their partitions, and not of the list of migrations, which is there before all others. */
const TABLES = `(
  select oid, relname from pg_class
  where relnamespace = 'earmark'::regnamespace and relkind in ('r', 'p') and not relispartition
    and relname <> 'migrations'
) t`

const ASPECTS = {
  columns: `
    select relname || '.' || attname as name, format_type(atttypid, atttypmod) as type, attnotnull as "notNull",
      attcollation::regcollation::text as collation, attidentity as identity, pg_get_expr(adbin, adrelid) as default
    from ${TABLES} join pg_attribute on attrelid = t.oid
    left join pg_attrdef on adrelid = t.oid and adnum = attnum
    where attnum > 0 and not attisdropped`,
  "keys and checks": `
    select relname || '.' || conname as name,
      -- A check that only lets more through is not compared with the rows that are there.
      regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '') as definition
    from ${TABLES} join pg_constraint c on conrelid = t.oid
    where contype <> 'n'`,
  indexes: `
    select relname || '.' || indexrelid::regclass as name,
      replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as definition
    from ${TABLES} join pg_index on indrelid = t.oid`,
}

test.each(Object.entries(ASPECTS))("the same %s", async (_, sql) => {
  const rowsOf = async (pool: pg.Pool) => {
    const { rows } = await pool.query<{ name: string }>(sql)
    return Object.fromEntries(rows.map(({ name, ...row }) => [name, row]))
  }
  const said = await rowsOf(described)
  expect(Object.keys(said).length).toBeGreaterThan(0)
  expect(await rowsOf(migrated)).toEqual(said)
})
