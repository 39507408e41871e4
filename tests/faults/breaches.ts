/** Breaking what the laws say, by hand and for a moment. The tables would refuse every breach: that is what they are for. */
import type pg from "pg"
import { expect } from "vitest"
import { verify } from "../../src/postgres/verify.ts"

export interface Breach {
  readonly law: string
  readonly what: string
  readonly sql: string
  /** What one of the rows that break the law must say. */
  readonly names: Readonly<Record<string, string | null>>
}

const TABLES = [
  "stock_levels",
  "allotments",
  "reservations",
  "holds",
  "idempotency_keys",
  "adjustments",
  "journal",
  "feed",
  "carried_over",
  "periods",
]

/** Keys of the tables that stand in a breach's way, besides checks and triggers. */
const UNIQUE_INDEXES = ["adjustments_idempotency_key"]

export async function dropGuards(pool: pg.Pool): Promise<void> {
  await pool.query(`
    do $$ declare made record; begin
      for made in select conrelid::regclass as owner, conname from pg_constraint c
        join pg_namespace n on n.oid = c.connamespace
        where n.nspname = 'earmark' and contype in ('c', 'f') and coninhcount = 0 loop
        execute format('alter table %s drop constraint %I', made.owner, made.conname);
      end loop;
      for made in select oid::regclass as owner from pg_class
        where relnamespace = 'earmark'::regnamespace and relkind in ('r', 'p') loop
        execute format('alter table %s disable trigger all', made.owner);
      end loop;
    end $$;
    drop index ${UNIQUE_INDEXES.map((name) => `earmark.${name}`).join(", ")};
    create schema kept`)
  for (const table of TABLES) await pool.query(`create table kept.${table} (like earmark.${table})`)
}

/** Breaks the law, expects it to go red and to name what is wrong, and puts everything back. */
export async function expectRed(pool: pg.Pool, { law, what, sql, names }: Breach): Promise<void> {
  await copyTables(pool, { from: "earmark", to: "kept" })
  const { rowCount } = await pool.query(sql)
  expect(rowCount, what).toBeGreaterThan(0)
  const reports = await verify(pool, { schema: "earmark", overdueSecondsMax: 5 })
  const report = reports.find(({ id }) => id === law)
  expect(report?.holds, `${law}: ${what}`).toBe(false)
  expect(report?.rows.map(asText), what).toContainEqual(expect.objectContaining(asText(names)))
  await copyTables(pool, { from: "kept", to: "earmark" })
}

async function copyTables(pool: pg.Pool, { from, to }: { from: string; to: string }): Promise<void> {
  await pool.query(
    TABLES.map((table) => {
      const copy = `insert into ${to}.${table} overriding system value select * from ${from}.${table}`
      return `delete from ${to}.${table}; ${copy}`
    }).join(";"),
  )
}

/** Numbers come as text or as numbers, by their width. */
function asText(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  )
}
