import { execFile } from "node:child_process"
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type pg from "pg"
import { expect, test } from "vitest"
import { StartError } from "../../src/core/errors.ts"
import { createEngine } from "../../src/index.ts"
import { checkServer, openPool } from "../../src/postgres/connect.ts"
import { migrate, pendingMigrations } from "../../src/postgres/migrate.ts"
import { verify } from "../../src/postgres/verify.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { PrivateServer } from "../support/private-server.ts"
import { refusal } from "./refusal.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
const MIGRATIONS = join(ROOT, "src", "postgres", "migrations")

async function withEmptyDatabase(use: (pool: pg.Pool, url: string) => Promise<void>): Promise<void> {
  const database = await createTestDatabase({ migrated: false })
  const pool = openTestPool(database.url)
  try {
    await use(pool, database.url)
  } finally {
    await pool.end()
    await database.drop()
  }
}

async function migrationNames(): Promise<string[]> {
  const names = await readdir(MIGRATIONS)
  return names
    .filter((name) => name.endsWith(".sql"))
    .map((name) => name.replace(".sql", ""))
    .sort()
}

test("ten at once migrate an empty database: each migration is applied once, and then no more", async () => {
  await withEmptyDatabase(async (pool, url) => {
    const pools = Array.from({ length: 10 }, () => openTestPool(url, 1))
    const applied = await Promise.all(pools.map((own) => migrate(own, { schema: "earmark" })))
    await Promise.all(pools.map((own) => own.end()))
    expect(applied.flat().sort()).toEqual(await migrationNames())
    const { rows } = await pool.query<{ name: string }>("select name from earmark.migrations order by name")
    expect(rows.map(({ name }) => name)).toEqual(await migrationNames())
    expect(await migrate(pool, { schema: "earmark" })).toEqual([])
    expect(await pendingMigrations(pool, { schema: "earmark" })).toEqual([])
  })
})

test("schemas of other names, two side by side, know nothing of each other", async () => {
  await withEmptyDatabase(async (pool) => {
    const schemas = ["public", "shop_2", "shop_3"]
    for (const [index, schema] of schemas.entries()) {
      const engine = await createEngine({ pool, schema, strategy: index % 2 ? "batched" : "optimistic" })
      await stock(engine, "MUG", { LAX: 5 + index })
      const made = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k" })
      expect(made.outcome).toBe("reserved")
      if (made.outcome === "reserved") await engine.confirm(made.reservation.id)
      expect(await engine.availability("MUG")).toMatchObject({ onHand: 4 + index, held: 0 })
      await expectPeriods(pool, schema)
      expect(await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).toMatchObject({
        outcome: "reserved",
      })
      await engine.close()
      const broken = (await verify(pool, { schema })).filter(({ holds }) => !holds)
      expect(broken).toEqual([])
    }
    const { rows } = await pool.query<{ found: boolean }>(
      "select to_regnamespace('earmark') is not null as found",
    )
    expect(rows).toEqual([{ found: false }])
  })
})

/** Opens one and adds one, in the schema of that name. */
async function expectPeriods(pool: pg.Pool, schema: string): Promise<void> {
  const { rows } = await pool.query(
    `select ${schema}.open_next_period() as opened, ${schema}.add_period(30) as added`,
  )
  expect(rows).toEqual([{ opened: 2, added: 4 }])
  expect(await refusal(pool, `delete from ${schema}.journal_p4`)).toMatchObject({
    constraint: "journal_append_only",
  })
  expect(
    await refusal(pool, `insert into ${schema}.idempotency_keys_p1 select * from ${schema}.idempotency_keys`),
  ).toMatchObject({ constraint: "periods_closed" })
}

test("a migration that is unknown, or has another content, keeps the process from starting", async () => {
  await withEmptyDatabase(async (pool) => {
    await migrate(pool, { schema: "earmark" })
    await pool.query("insert into earmark.migrations (name, checksum) values ('9999_from_the_future', 'x')")
    await expect(migrate(pool, { schema: "earmark" })).rejects.toThrow(StartError)
    await expect(migrate(pool, { schema: "earmark" })).rejects.toThrow("9999_from_the_future")
    await expect(pendingMigrations(pool, { schema: "earmark" })).rejects.toThrow(StartError)
    await pool.query("delete from earmark.migrations where name = '9999_from_the_future'")

    const [first] = await migrationNames()
    await pool.query("update earmark.migrations set checksum = 'another' where name = $1", [first])
    await expect(migrate(pool, { schema: "earmark" })).rejects.toThrow(StartError)
    await expect(createEngine({ pool })).rejects.toThrow(first)
    // Every connection is back: a failed start must not keep the pool from ending.
    expect(pool.idleCount).toBe(pool.totalCount)
  })
})

test("a migration that fails leaves nothing behind", async () => {
  await withEmptyDatabase(async (pool) => {
    await pool.query("create schema earmark")
    // In the way of one of the tables.
    await pool.query("create table earmark.journal (id int)")
    await expect(migrate(pool, { schema: "earmark" })).rejects.toMatchObject({ code: "42P07" })
    const { rows } = await pool.query<{ tablename: string }>(
      "select tablename from pg_tables where schemaname = 'earmark'",
    )
    expect(rows).toEqual([{ tablename: "journal" }])
    await pool.query("drop table earmark.journal")
    expect(await migrate(pool, { schema: "earmark" })).toEqual(await migrationNames())
  })
})

test("the committed migrations say what the schema in TypeScript says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "earmark-drizzle-"))
  try {
    await cp(MIGRATIONS, join(folder, "migrations"), { recursive: true })
    const before = await readFolder(join(folder, "migrations"))
    const config = join(folder, "drizzle.config.json")
    const settings = {
      dialect: "postgresql",
      schema: join(ROOT, "src", "postgres", "schema.ts"),
      // drizzle-kit takes only a folder relative to where it runs.
      out: "./migrations",
      schemaFilter: ["earmark"],
    }
    await writeFile(config, JSON.stringify(settings))
    const drizzleKit = join(ROOT, "node_modules", ".bin", "drizzle-kit")
    const { stdout } = await promisify(execFile)(drizzleKit, ["generate", "--config", config], {
      cwd: folder,
    })
    // Where it would have to ask something, it fails, says nothing here, and exits as if all was well.
    expect(stdout).toContain("No schema changes")
    expect(await readFolder(join(folder, "migrations"))).toEqual(before)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

async function readFolder(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => /\.(sql|json)$/.test(name))
    .sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]))
}

test("a server that may lose what it has committed is refused", async () => {
  const server = await PrivateServer.start({ fsync: "off" })
  const url = await server.createDatabase("careless")
  const pool = openPool({ databaseUrl: url, max: 1 })
  await expect(checkServer(pool)).rejects.toThrow(StartError)
  await expect(checkServer(pool)).rejects.toThrow("fsync is off")
  await pool.query("alter system set fsync = on")
  await pool.query("alter database careless set synchronous_commit = off")
  await pool.end()
  await expect(createEngine({ databaseUrl: url })).rejects.toThrow(/fsync|synchronous_commit/)
})

test("a database that cannot be reached is said to be so", async () => {
  const nowhere = { databaseUrl: "postgres://nobody@127.0.0.1:1/none" }
  await expect(createEngine(nowhere)).rejects.toThrow("cannot reach the database")
})
