/**
 * The plan of every hot statement at 10,000 stock levels and 100,000 reservations, with statistics and without: by
 * index, and by nothing else. The texts are those that engines really send.
 */
import { readdir, readFile } from "node:fs/promises"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createEngine, type Engine, STRATEGIES } from "../../src/index.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"
import { openInterceptedPool } from "../support/intercepted-pool.ts"
import { fillLargeCatalogue, TABLES } from "./large-catalogue.ts"

const SOURCE = new URL("../../src/postgres/", import.meta.url)

describe.each([{ analyzed: false }, { analyzed: true }])("analyzed: $analyzed", ({ analyzed }) => {
  let database: TestDatabase
  let pool: pg.Pool
  /** As a caller's own pool may be set: nothing keeps the planner to the indexes but the statements themselves. */
  let callersPool: pg.Pool
  let recorded: ReadonlyMap<string, string>

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
  })
  afterAll(async () => {
    await callersPool.end()
    await pool.end()
    await database.drop()
  })

  test("every statement of the hot path was sent", async () => {
    const defined = await definedStatements()
    expect(defined.length).toBeGreaterThan(20)
    expect(defined.filter((name) => !recorded.has(name))).toEqual([])
  })

  test.each(["the engine's", "a caller's"])("every plan goes by index, in %s pool", async (whose) => {
    const offending: Record<string, unknown> = {}
    for (const [name, text] of recorded) {
      const scans = scansOf(await explain(whose === "a caller's" ? callersPool : pool, text))
      if (scans.length > 0) offending[name] = scans
    }
    expect(offending).toEqual({})
  })

  test("no table was read from end to end by anything that the statements set off", async () => {
    const { rows } = await pool.query<{ relname: string; seq_scan: string }>(
      "select relname, seq_scan from pg_stat_user_tables where schemaname = 'earmark' and seq_scan > 0",
    )
    // The locations are two rows on one page.
    expect(rows.filter(({ relname }) => relname !== "locations")).toEqual([])
  })

  test("the filling and what was done to it are lawful", () => expectLawful(pool))
})

/** The names of the statements that reserving, ending, adjusting and sweeping send. */
async function definedStatements(): Promise<string[]> {
  const strategies = await readdir(new URL("strategies/", SOURCE))
  const files = ["snapshot.ts", "changes.ts", "overdue.ts", ...strategies.map((name) => `strategies/${name}`)]
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, SOURCE), "utf8")))
  return texts.flatMap((text) =>
    [...text.matchAll(/defineStatement<.*?>\(\s*"(\w+)"/gs)].map(([, name]) => name ?? ""),
  )
}

/** Inside a caller's transaction statements have no names; this one is sent nowhere else. */
const ONLY_WITHIN = /stock_levels s where s\.sku = any\(\$1::text\[\]\)\)\)/

async function record(url: string): Promise<ReadonlyMap<string, string>> {
  const statements = new Map<string, string>()
  for (const [index, strategy] of STRATEGIES.entries()) {
    let loseCommit = false
    const pool = openInterceptedPool(url, 1, ({ name, text }, client) => {
      if (name === "commit" && loseCommit) {
        loseCommit = false
        client.connection.stream.destroy()
      }
      // Not the ends of transactions, nor what is asked of the server itself.
      if (/^\s*(select|insert|update|with)\b/.test(text) && !/pg_(settings|stat)/.test(text)) {
        statements.set(ONLY_WITHIN.test(text) ? "overdue_of_skus" : name, text)
      }
      return undefined
    })
    const engine = await createEngine({ pool, strategy, migrate: false })
    await callEverything(engine, pool, index, () => {
      loseCommit = true
    })
    await pool.query("select pg_stat_force_next_flush()")
    await engine.close()
    await pool.end()
  }
  return statements
}

async function callEverything(
  engine: Engine,
  pool: pg.Pool,
  strategyIndex: number,
  loseNextCommit: () => void,
): Promise<void> {
  // Levels of their own for each strategy; every twentieth level, that is the JFK one of each tenth sku, has an overdue hold.
  const sku = (offset: number) => `S${strategyIndex * 1000 + offset}`
  const lines = [{ sku: sku(1), quantity: 1 }]
  const customerId = "c"
  const first = reserved(await engine.reserve({ lines, customerId, idempotencyKey: `p${strategyIndex}` }))
  await engine.reserve({ lines, customerId, idempotencyKey: `p${strategyIndex}` })
  const second = reserved(await engine.reserve({ lines, customerId, replaces: first }))
  await engine.extend(second, { ttlSeconds: 900 })
  await engine.confirm(second)
  const basket = [2, 3, 4].flatMap((offset) => [
    { sku: sku(offset), quantity: 1 },
    { sku: sku(offset), quantity: 1, location: "JFK" },
  ])
  await engine.release(reserved(await engine.reserve({ lines: basket })))
  // All that is available, the overdue unit included.
  const { available = 0 } = (await engine.availability(sku(10))) ?? {}
  reserved(await engine.reserve({ lines: [{ sku: sku(10), quantity: available }] }))
  await engine.reserve({ lines: [{ sku: sku(20), quantity: 1_000_000 }] })
  await engine.reserve({ lines: [{ sku: "UNKNOWN", quantity: 1, location: "NOWHERE" }] })
  await engine.adjust({
    sku: sku(30),
    location: "JFK",
    delta: -1,
    reason: "damaged",
    idempotencyKey: `p${strategyIndex}`,
  })
  await engine.putItem({ sku: `NEW${strategyIndex}`, name: "new" })
  await engine.adjust({ sku: `NEW${strategyIndex}`, location: "LAX", delta: 5, reason: "received" })
  await engine.setSafetyStock({ sku: sku(40), location: "LAX", safetyStock: 3 })
  await engine.sweep(20)
  await callWithinTransaction(engine, pool, sku(50))
  loseNextCommit()
  await engine
    .reserve({ lines: [{ sku: sku(60), quantity: 1 }], customerId, replaces: second })
    .catch(() => {})
  loseNextCommit()
  const kept = reserved(await engine.reserve({ lines, customerId }))
  loseNextCommit()
  await engine.reserve({ lines, customerId, replaces: kept })
  await engine.reservation(second)
}

function reserved(outcome: Awaited<ReturnType<Engine["reserve"]>>): string {
  if (outcome.outcome !== "reserved") throw new Error(`reserving was answered ${JSON.stringify(outcome)}`)
  return outcome.reservation.id
}

async function callWithinTransaction(engine: Engine, pool: pg.Pool, sku: string): Promise<void> {
  const tx = await pool.connect()
  await tx.query("begin")
  await engine.reserve({ lines: [{ sku, quantity: 1 }] }, { tx })
  await tx.query("commit")
  tx.release()
}

interface Plan {
  readonly "Node Type": string
  readonly "Relation Name"?: string
  readonly Filter?: string
  readonly Plans?: readonly Plan[]
}

/** The generic plan, which is the one that the engine's connections use. */
async function explain(pool: pg.Pool, text: string): Promise<Plan> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    await client.query(`prepare examined as ${text}`)
    const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)))
    const values = parameters > 0 ? `(${Array.from({ length: parameters }, () => "null").join(", ")})` : ""
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(
      `explain (format json) execute examined${values}`,
    )
    const [row] = rows
    if (!row) throw new Error("there is no plan")
    return row["QUERY PLAN"][0].Plan
  } finally {
    await client.query("rollback")
    await client.query("deallocate all")
    client.release()
  }
}

/** Tables that a plan reads from end to end; two locations on one page are no table to speak of. */
function scansOf(plan: Plan): string[] {
  const table = plan["Relation Name"] ?? ""
  const own = plan["Node Type"].includes("Seq Scan") && TABLES.includes(table) && table !== "locations"
  return [...(own ? [table] : []), ...(plan.Plans ?? []).flatMap(scansOf)]
}
