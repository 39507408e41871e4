import pg from "pg"
import { createTestDatabase, type TestDatabase } from "../support/database.ts"

export interface BenchDatabase extends TestDatabase {
  run(sql: string): Promise<Record<string, unknown>[]>
  /** Those that a benchmark has made and not dropped, the oldest first. */
  schemas(): Promise<string[]>
  /** From the first to the last reservation of the oldest of them. */
  reservingSeconds(): Promise<number>
  until(what: string, isTrue: () => Promise<boolean>): Promise<void>
}

const UNTIL_MS_MAX = 30_000

/** A database of its own, so that what is left in it was left by this benchmark and no other. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  const database = await createTestDatabase({ migrated: false })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const run = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  const schemas = async () => {
    const rows = await run(
      "select nspname as name from pg_namespace where nspname like 'earmark%' order by oid",
    )
    return rows.map(({ name }) => String(name))
  }
  return {
    ...database,
    run,
    schemas,
    async reservingSeconds() {
      const [schema] = await schemas()
      const rows = await run(`select to_regclass('${schema}.reservations') is not null as found`)
      if (!rows[0]?.["found"]) return 0
      const [row] = await run(
        `select extract(epoch from max(created_at) - min(created_at)) as seconds from ${schema}.reservations`,
      )
      return Number(row?.["seconds"])
    },
    async until(what, isTrue) {
      const startedMs = performance.now()
      while (!(await isTrue())) {
        if (performance.now() - startedMs > UNTIL_MS_MAX) throw new Error(`waited in vain until ${what}`)
      }
    },
    async drop() {
      await client.end()
      await database.drop()
    },
  }
}
