/** What is played never touches what is real. */
import { afterEach, beforeEach, expect, test } from "vitest"
import { openTheatreOver, stageOver } from "../../src/cli/theatre-parts.ts"
import { SALE_STRATEGIES } from "../../src/core/sales.ts"
import type { SaleView } from "../../src/engine/theatre.ts"
import { claimSandbox, refuseSandbox, sandboxSchemaOf } from "../../src/postgres/sandbox.ts"
import { type OpenTheatre, openTheatre } from "../../src/theatre/open-theatre.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

const NEVER = new AbortController().signal
/** What the theatre calls its only item. */
const SKU = "FLASH-SALE"

let service: TestEngine
beforeEach(async () => {
  service = await createTestEngine()
})
afterEach(() => service.close())

const theatreOver = (schema = "earmark") =>
  openTheatreOver({ databaseUrl: service.url, schema }, { stopping: NEVER })

async function play(theatre: OpenTheatre, strategy: (typeof SALE_STRATEGIES)[number]): Promise<SaleView> {
  const outcome = await theatre.start({ units: 5, buyers: 50, strategy })
  if (outcome.outcome !== "started") throw new Error(outcome.outcome)
  let latest = outcome.sale
  for await (const view of theatre.follow(latest.id, NEVER) ?? []) latest = view
  return latest
}

/** Every row of every table of the service. */
async function everything(): Promise<unknown> {
  const { rows: tables } = await service.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'earmark' order by 1",
  )
  const selects = tables.map(
    ({ name }) => `(select json_agg(t order by t::text) from earmark.${name} t) as ${name}`,
  )
  const { rows } = await service.pool.query(`select ${selects.join(", ")}`)
  return rows
}

test("the same sku is sold in both, and no row of the service is another afterwards", async () => {
  await stock(service.engine, SKU, { STAGE: 3 })
  const before = await everything()
  const theatre = theatreOver()
  for (const strategy of SALE_STRATEGIES) {
    expect((await play(theatre, strategy)).state, strategy).toBe("finished")
    expect(await everything(), strategy).toEqual(before)
  }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => service.engine.reserve({ lines: [{ sku: SKU, quantity: 1 }] })),
  )
  expect(answers.filter(({ outcome }) => outcome === "reserved")).toHaveLength(3)
})

test("each seller is given the sandbox, and nothing else", async () => {
  const stage = stageOver({ databaseUrl: service.url, schema: "earmark" })
  const given: string[] = []
  const watched: typeof stage = {
    ...stage,
    openSeller(strategy, sandbox) {
      given.push(sandbox.schema)
      return stage.openSeller(strategy, sandbox)
    },
  }
  const theatre = openTheatre(watched, { stopping: NEVER })
  for (const strategy of SALE_STRATEGIES) await play(theatre, strategy)
  expect(given).toEqual(SALE_STRATEGIES.map(() => "earmark_theatre"))
})

test("each sale begins with nothing", async () => {
  const theatre = theatreOver()
  await play(theatre, "batched")
  const { books } = await play(theatre, "row-lock")
  expect(books).toMatchObject({ units: 5, promised: 5 })
  const { rows } = await service.pool.query(
    "select count(*)::int as reservations from earmark_theatre.reservations",
  )
  expect(rows).toEqual([{ reservations: 5 }])
})

test("a schema that somebody else has made is left alone, whatever it is called", async () => {
  await service.pool.query("create schema earmark_theatre")
  await service.pool.query("create table earmark_theatre.precious (n int)")
  const sale = await play(theatreOver(), "batched")
  expect(sale).toMatchObject({ state: "failed", failure: expect.stringContaining("not a sandbox") })
  await service.pool.query("select from earmark_theatre.precious")
})

test("no service sells from a sandbox in earnest", async () => {
  await refuseSandbox(service.pool, "earmark")
  await refuseSandbox(service.pool, "earmark_theatre")
  await play(theatreOver(), "batched")
  await refuseSandbox(service.pool, "earmark")
  await expect(refuseSandbox(service.pool, "earmark_theatre")).rejects.toThrow("is the sandbox of another")
})

test("a name that is too long is never cut off to that of the service", () => {
  expect(sandboxSchemaOf("earmark")).toBe("earmark_theatre")
  const long = "s".repeat(63)
  expect(sandboxSchemaOf(long)).toBe(`${"s".repeat(55)}_theatre`)
  expect(() => sandboxSchemaOf(`${"s".repeat(55)}_theatre`)).toThrow("EARMARK_THEATRE=0")
  expect(() => theatreOver(`${"s".repeat(55)}_theatre`)).toThrow("EARMARK_THEATRE=0")
})

test("two processes over one database play one at a time", async () => {
  const sandbox = await claimSandbox({ databaseUrl: service.url, schema: "earmark", poolSize: 1 })
  const other = theatreOver()
  expect(await other.start({ units: 1, buyers: 1, strategy: "batched" })).toEqual({
    outcome: "sale_running",
    id: null,
  })
  await sandbox?.close()
  expect((await play(other, "batched")).state).toBe("finished")
})

test("a sale leaves no connection behind", async () => {
  const theatre = theatreOver()
  for (const strategy of ["batched", "broken"] as const) await play(theatre, strategy)
  const open = async () => {
    const { rows } = await service.pool.query<{ name: string }>(
      `select application_name as name from pg_stat_activity
       where datname = current_database() and application_name in ('earmark theatre', 'earmark broken')`,
    )
    return rows
  }
  await expect.poll(open).toEqual([])
})
