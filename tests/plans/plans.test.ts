/**
 * The plan of every hot statement at 10,000 stock levels and 100,000 reservations, with statistics and without: by
 * index, in no more partitions than need be, and by nothing else. The texts are those that engines really send.
 */
import { readdir, readFile } from "node:fs/promises"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { explain, explainWith, type PlanNode } from "./explain.ts"
import { fillLargeCatalogue } from "./large-catalogue.ts"
import { record } from "./recorded-statements.ts"

const SOURCE = new URL("../../src/postgres/", import.meta.url)
/** A few rows on one page are no table to speak of, now and later. */
const SMALL = [
  "locations",
  "periods",
  "migrations",
  "hot_items",
  "redis_shards",
  "redis_space",
  "sinks",
  "dead_events",
  "webhooks",
  "verifications",
]
/** Of the filled database; the second one is open. */
const PERIODS = [1, 2, 3, 4]

/** Statements that know the levels of the holds that they are after. */
const OF_HOLDS = [
  "overdue_of_levels",
  "overdue_of_skus",
  "levels_of_skus",
  "read_held_stock",
  "read_live_holds",
  "count_live_holds",
  "extend_holds",
  "delete_holds",
]

/** Statements that know ids of reservations: their values in SQL. */
const BY_ID: Record<string, (sortedIds: readonly string[]) => string[]> = {
  lock_reservations: idValues,
  read_made: idValues,
  lock_overdue: idValues,
  lock_levels_of_overdue: idValues,
  end_overdue: idValues,
  lock_levels: (ids) => ["'{}'", "'{}'", "'{}'", ...idValues(ids)],
  read_levels: (ids) => ["'{}'", "'{}'", "'{}'", ...idValues(ids)],
  update_reservations: (ids) => {
    const [list = "", first = "", last = ""] = idValues(ids)
    return ["0", list, "null", "null", "null", "null", first, last]
  },
}

function idValues(sortedIds: readonly string[]): string[] {
  return [`'{${sortedIds.join(",")}}'`, `'${sortedIds.at(0)}'`, `'${sortedIds.at(-1)}'`]
}

describe.each([{ analyzed: false }, { analyzed: true }])("analyzed: $analyzed", ({ analyzed }) => {
  let database: TestDatabase
  let pool: pg.Pool
  /** As a caller's own pool may be set: nothing keeps the planner to the indexes but the statements themselves. */
  let callersPool: pg.Pool
  let recorded: ReadonlyMap<string, string>
  /** By the calls that were recorded; what the tests below read is counted too, sooner or later. */
  let partitionsUsed: readonly string[]

  beforeAll(async () => {
    database = await createTestDatabase()
    pool = openTestPool(database.url, 2)
    await fillLargeCatalogue(database.url, { analyzed })
    callersPool = new pg.Pool({
      connectionString: database.url,
      max: 1,
      options: "-c plan_cache_mode=force_generic_plan",
    })
    await pool.query("select pg_stat_reset()")
    recorded = await record(database.url)
    const { rows } = await pool.query<{ relname: string }>(
      `select relname from pg_stat_user_tables
       where schemaname = 'earmark' and relname like 'reservations%' and idx_scan + n_tup_ins + n_tup_upd > 0`,
    )
    partitionsUsed = rows.map(({ relname }) => relname)
  })
  afterAll(async () => {
    await callersPool.end()
    await pool.end()
    await database.drop()
  })

  const textOf = (name: string) => {
    const text = recorded.get(name)
    if (text === undefined) throw new Error(`${name} was not sent`)
    return text
  }

  async function offending(
    faultsOf: (nodes: readonly PlanNode[]) => readonly unknown[],
    from: pg.Pool = pool,
  ): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {}
    for (const [name, text] of recorded) {
      const faults = faultsOf(await explain(from, text))
      if (faults.length > 0) found[name] = faults
    }
    return found
  }

  test("every statement of the hot path was sent", async () => {
    const defined = await definedStatements()
    expect(defined.length).toBeGreaterThan(20)
    expect(defined.filter((name) => !recorded.has(name))).toEqual([])
  })

  test("every plan goes by index, in the engine's pool", async () => {
    // What is empty today need not be tomorrow, when the plan is still the same.
    expect(await offending((nodes) => scansOf(nodes).filter((table) => !SMALL.includes(table)))).toEqual({})
  })

  test("every plan goes by index, in a caller's pool", async () => {
    const large = await readLargeTables(pool)
    const scans = (nodes: readonly PlanNode[]) => scansOf(nodes).filter((table) => large.includes(table))
    expect(await offending(scans, callersPool)).toEqual({})
  })

  test("no index is read from end to end", async () => {
    expect(
      await offending((nodes) => nodes.filter(isWholeIndexScan).map((node) => node["Index Name"])),
    ).toEqual({})
  })

  test("no table was read from end to end by anything that the statements set off", async () => {
    const { rows } = await pool.query<{ relname: string }>(
      "select relname from pg_stat_user_tables where schemaname = 'earmark' and seq_scan > 0",
    )
    expect(rows.map(({ relname }) => relname).filter((table) => !SMALL.includes(table))).toEqual([])
  })

  test.each(OF_HOLDS)("%s finds holds by level and deadline", async (name) => {
    const nodes = (await explain(pool, textOf(name))).filter((node) =>
      node["Index Name"]?.startsWith("holds_"),
    )
    expect(nodes.map((node) => node["Index Name"])).toEqual(["holds_pkey"])
    expect(nodes[0]?.["Index Cond"]).toMatch(/stock_level_id .*expires_at /)
  })

  test("keys are looked up in every period, by index", async () => {
    const nodes = await explain(pool, textOf("read_keys"))
    const found = nodes.filter((node) => node["Index Name"]?.startsWith("idempotency_keys"))
    expect(found.map((node) => node["Index Name"]).sort()).toEqual(
      PERIODS.map((period) => `idempotency_keys_p${period}_pkey`),
    )
    for (const node of found) expect(node["Index Cond"]).toContain("digest = ANY")
  })

  test.each([
    ["read_journal_newest", "Backward"],
    ["read_journal_oldest", "Forward"],
  ])("%s reads each level's journal in order, from where the page begins", async (name, direction) => {
    const nodes = await explain(pool, textOf(name))
    const pages = nodes.filter((node) =>
      / AND \(version >= .* AND \(version < /.test(node["Index Cond"] ?? ""),
    )
    expect(pages.map((node) => node["Index Name"])).toEqual(
      PERIODS.map((period) => `journal_p${period}_pkey`),
    )
    expect(new Set(pages.map((node) => node["Scan Direction"]))).toEqual(new Set([direction]))
  })

  test("a moment is looked for by version", async () => {
    const nodes = await explain(pool, textOf("read_journal_versions_at"))
    const looks = nodes.filter((node) => node["Index Name"]?.startsWith("journal_"))
    for (const node of looks) expect(node["Index Cond"]).toMatch(/stock_level_id = .*version = /)
    expect(looks.map((node) => node["Index Name"])).toEqual(
      PERIODS.map((period) => `journal_p${period}_pkey`),
    )
  })

  test("what is held is counted on some pages of it, and few of it and what is overdue by deadline", async () => {
    const nodes = await explain(pool, textOf("summarize_holds"))
    const reads = nodes.filter((node) => node["Relation Name"] === "holds")
    expect(reads.map((node) => node["Node Type"]).sort()).toEqual([
      "Index Only Scan",
      "Index Scan",
      "Sample Scan",
    ])
    const conditionOf = (type: string) =>
      reads.find((node) => node["Node Type"] === type)?.["Index Cond"] as string
    expect(conditionOf("Index Only Scan")).toContain("expires_at <=")
    expect(conditionOf("Index Scan")).toContain("expires_at >")
  })

  const IDS: Record<string, readonly number[]> = { "one period": [2], "two periods": [1, 3] }
  describe.each(Object.entries(IDS))("with ids of %s", (_, periods) => {
    test.each(Object.entries(BY_ID))("%s looks into no other partition", async (name, valuesOf) => {
      const ids = await Promise.all(periods.map((period) => firstIdOf(pool, period)))
      const nodes = await explainWith(pool, textOf(name), valuesOf(ids.sort()))
      const partitions = nodes
        .map((node) => node["Relation Name"])
        .filter((table) => table?.startsWith("reservations_"))
      const between = periods.length === 1 ? periods : [1, 2, 3]
      expect([...new Set(partitions)].sort()).toEqual(between.map((period) => `reservations_p${period}`))
    })
  })

  test("whatever was called looked for reservations in the partition of their ids alone", () => {
    // All that was called for, and all that is overdue, lies in the first one.
    expect(partitionsUsed).toEqual(["reservations_p1"])
  })

  test("a reservation ends in place, touching no index", async () => {
    const { rows } = await pool.query<Record<string, string>>(
      "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'reservations_p1'",
    )
    const updated = Number(rows[0]?.["n_tup_upd"])
    expect(updated).toBeGreaterThan(100)
    expect(Number(rows[0]?.["n_tup_hot_upd"])).toBe(updated)
  })

  test("the filling and what was done to it are lawful", () => expectLawful(pool))
})

/** The names of the statements that reserving, ending, adjusting and sweeping send. */
async function definedStatements(): Promise<string[]> {
  const files = (await readdir(SOURCE, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("reads/"),
  )
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, SOURCE), "utf8")))
  return texts.flatMap((text) =>
    [...text.matchAll(/defineStatement<.*?>\(\s*"(\w+)"/gs)].map(([, name]) => name ?? ""),
  )
}

function scansOf(nodes: readonly PlanNode[]): string[] {
  return nodes
    .filter((node) => node["Node Type"].includes("Seq Scan"))
    .map((node) => node["Relation Name"] ?? "")
}

/** An index that has few rows at most need not be told where to look. */
function isWholeIndexScan(node: PlanNode): boolean {
  const name = node["Index Name"]
  if (name === undefined || node["Index Cond"] !== undefined) return false
  return !SMALL.some((table) => name.startsWith(`${table}_`))
}

/** Those of more than one page. */
async function readLargeTables(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = 'earmark'::regnamespace and relkind = 'r'
       and pg_relation_size(oid) > 8192`,
  )
  return rows.map(({ relname }) => relname)
}

async function firstIdOf(pool: pg.Pool, period: number): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `select min(id::text) as id from earmark.reservations_p${period}`,
  )
  return rows[0]?.id ?? ""
}
