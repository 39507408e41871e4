import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, openTestPool, type TestDatabase } from "../../tests/support/database.ts"
import { untilLockWaits } from "../../tests/support/stepping.ts"
import { PipelinedClient } from "./pipelined-client.ts"
import type { Statement } from "./statement.ts"

let database: TestDatabase
let pool: pg.Pool
let client: PipelinedClient & pg.PoolClient

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  pool = openTestPool(database.url, 1)
  client = (await pool.connect()) as typeof client
  expect(client).toBeInstanceOf(PipelinedClient)
})

afterAll(async () => {
  client.release()
  await pool.end()
  await database.drop()
})

const of = (text: string, ...values: unknown[]): Statement => ({ text, values })
const named = (name: string, text: string, ...values: unknown[]): Statement => ({ name, text, values })

test("all run in order, each with its own rows, count and command", async () => {
  const { results, error } = await client.sendTogether([
    of("begin"),
    of("create temporary table notes (id int primary key, words text)"),
    of("insert into notes select n, 'note ' || n from generate_series(1, $1::int) n", 3),
    of("select id, words, null as nothing from notes where id > $1 order by id", 1),
    of("delete from notes"),
    of("commit"),
  ])
  expect(error).toBeUndefined()
  expect(results.map(({ command, rowCount }) => [command, rowCount])).toEqual([
    ["BEGIN", 0],
    ["CREATE", 0],
    ["INSERT", 3],
    ["SELECT", 2],
    ["DELETE", 3],
    ["COMMIT", 0],
  ])
  expect(results[3]?.rows).toEqual([
    { id: 2, words: "note 2", nothing: null },
    { id: 3, words: "note 3", nothing: null },
  ])
})

test("each statement sees what was committed before it, not before the first", async () => {
  const pools = [openTestPool(database.url, 1), openTestPool(database.url, 1)] as const
  const [observer, otherPool] = pools
  const other = await otherPool.connect()
  await other.query("create table seen (id int)")
  await other.query("select pg_advisory_lock(7)")
  const counting = client.sendTogether([
    of("begin isolation level read committed"),
    of("select count(*)::int as seen from seen"),
    of("select pg_advisory_xact_lock(7)"),
    of("select count(*)::int as seen from seen"),
    of("commit"),
  ])
  await untilLockWaits(observer, 1)
  await other.query("insert into seen values (1)")
  await other.query("select pg_advisory_unlock(7)")
  const { results } = await counting
  expect([results[1]?.rows, results[3]?.rows]).toEqual([[{ seen: 0 }], [{ seen: 1 }]])
  other.release()
  for (const own of pools) await own.end()
})

test("an error says how far it came; what stands behind it has not run, and the connection goes on", async () => {
  const failed = await client.sendTogether([
    of("select 1 as one"),
    of("select 1 / 0"),
    of("create table never (id int)"),
  ])
  expect(failed.results.map(({ rows }) => rows)).toEqual([[{ one: 1 }]])
  expect(failed.error).toMatchObject({ code: "22012", severity: "ERROR" })
  const { results } = await client.sendTogether([of("select to_regclass('never') as never")])
  expect(results[0]?.rows).toEqual([{ never: null }])
})

test("a commit behind an error does not happen", async () => {
  await client.sendTogether([of("create table kept (id int)")])
  const { results } = await client.sendTogether([
    of("begin"),
    of("insert into kept values (1)"),
    of("select 1 / 0"),
    of("commit"),
  ])
  expect(results).toHaveLength(2)
  await client.sendTogether([of("rollback")])
  const after = await client.sendTogether([of("select from kept")])
  expect(after.results[0]?.rowCount).toBe(0)
})

test("a named statement is prepared once, and read the same way ever after", async () => {
  const doubled = (value: number) => named("doubled", "select $1::int * 2 as doubled, now() as at", value)
  for (const value of [1, 2, 3]) {
    const { results } = await client.sendTogether([doubled(value), doubled(value)])
    expect(results.map(({ rows }) => rows[0]?.["doubled"])).toEqual([2 * value, 2 * value])
    expect(results[0]?.rows[0]?.["at"]).toBeInstanceOf(Date)
  }
  const { results } = await client.sendTogether([
    of("select generic_plans + custom_plans as runs from pg_prepared_statements where name = 'doubled'"),
  ])
  expect(Number(results[0]?.rows[0]?.["runs"])).toBeGreaterThanOrEqual(4)
})

test("one that was prepared by a try that failed can be used again", async () => {
  const risky = (value: number) => named("risky", "select 10 / $1::int as share", value)
  expect((await client.sendTogether([risky(0)])).error).toMatchObject({ code: "22012" })
  expect((await client.sendTogether([risky(5)])).results[0]?.rows).toEqual([{ share: 2 }])
  // Prepared behind an error, it never came to the server at all.
  const behind = named("behind", "select 'there' as it")
  await client.sendTogether([risky(0), behind])
  expect((await client.sendTogether([behind, risky(2)])).results.map(({ rows }) => rows[0])).toEqual([
    { it: "there" },
    { share: 5 },
  ])
})

test("one whose columns have changed since is prepared anew after the error that says so", async () => {
  await client.sendTogether([of("create table moving (id int)"), of("insert into moving values (1)")])
  const all = named("all_moving", "select * from moving")
  await client.sendTogether([all])
  await client.sendTogether([of("alter table moving add column words text default 'new'")])
  expect((await client.sendTogether([all])).error).toMatchObject({ code: "0A000" })
  expect((await client.sendTogether([all])).results[0]?.rows).toEqual([{ id: 1, words: "new" }])
})

test("a name that is given another text means that text from then on", async () => {
  const one = named("changing", "select 1 as one")
  const two = named("changing", "select 2 as two")
  await client.sendTogether([one])
  expect((await client.sendTogether([two])).results[0]?.rows).toEqual([{ two: 2 }])
  const { results } = await client.sendTogether([one, two, one])
  expect(results.map(({ rows }) => rows[0])).toEqual([{ one: 1 }, { two: 2 }, { one: 1 }])
  expect((await client.sendTogether([two])).results[0]?.rows).toEqual([{ two: 2 }])
})

test("what the server was told to forget costs one try for all names together", async () => {
  const known = ["first", "second"].map((name) => named(name, `select '${name}' as it`))
  await client.sendTogether(known)
  await client.sendTogether([of("deallocate all")])
  expect((await client.sendTogether(known)).error).toMatchObject({ code: "26000" })
  expect((await client.sendTogether(known)).results.map(({ rows }) => rows[0]?.["it"])).toEqual([
    "first",
    "second",
  ])
})

test("what is no value is refused before anything is sent, also behind another query, and hurts nobody else", async () => {
  for (const wrong of [new Date(), Buffer.from("a"), {}, Object.create(null), [["nested"]]]) {
    const [, { results, error }] = await Promise.all([
      client.query("select 1"),
      client.sendTogether([of("create table half (id int)"), of("select $1::text", wrong)]),
    ])
    expect(results).toEqual([])
    expect(error).toBeInstanceOf(TypeError)
  }
  const { results } = await client.sendTogether([of("select to_regclass('half') as half")])
  expect(results[0]?.rows).toEqual([{ half: null }])
})

test("a text without a statement has an empty result, and a copy is an error", async () => {
  const empty = await client.sendTogether([of("-- nothing"), of("select 1 as one")])
  expect(empty.results.map(({ rows }) => rows)).toEqual([[], [{ one: 1 }]])
  const copy = await client.sendTogether([
    of("create temporary table copied (id int)"),
    of("copy copied from stdin"),
  ])
  expect(copy.error).toMatchObject({ code: "57014" })
  expect((await client.sendTogether([of("select 1")])).error).toBeUndefined()
})

test("a caller's pool may ask for the driver's pipelining, and gets this one", async () => {
  const own = new pg.Pool({ connectionString: database.url, max: 1, pipeline: true, Client: PipelinedClient })
  const pipelined = (await own.connect()) as typeof client
  expect((await pipelined.sendTogether([of("select 1 as one")])).results[0]?.rows).toEqual([{ one: 1 }])
  pipelined.release()
  await own.end()
})

test("a driver's own time-out for queries ends with the answer", async () => {
  const own = new pg.Pool({
    connectionString: database.url,
    max: 1,
    query_timeout: 60_000,
    Client: PipelinedClient,
  })
  const timed = (await own.connect()) as typeof client
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
  const before = timers()
  for (let trip = 0; trip < 10; trip += 1) await timed.sendTogether([of("select 1")])
  // One for each trip would be left; others may come and go.
  expect(timers()).toBeLessThan(before + 10)
  timed.release()
  await own.end()
})

test("values of every kind arrive as they were", async () => {
  const words = ['a "quoted" one', "back\\slash", "comma, {brace}", "null", "", null, "ünï ☂ 𝕏"]
  const given = [...words.slice(0, -1), undefined, ...words.slice(-1)]
  const { results, error } = await client.sendTogether([
    of(
      "select $1::text[] as words, $2::int[] as numbers, $3::boolean as yes, $4::bigint as large, $5::text as nothing, $6::json[] as documents",
      given,
      [1, -2],
      true,
      9007199254740991n,
      null,
      ['{"a":"b\\"c"}', null],
    ),
  ])
  expect(error).toBeUndefined()
  expect(results[0]?.rows).toEqual([
    {
      words: given.map((word) => word ?? null),
      numbers: [1, -2],
      yes: true,
      large: "9007199254740991",
      nothing: null,
      documents: [{ a: 'b"c' }, null],
    },
  ])
})

test("a connection that breaks says what has run, and what has not", async () => {
  const own = openTestPool(database.url, 1)
  const broken = (await own.connect()) as typeof client
  broken.on("error", () => {})
  const { results, error } = await broken.sendTogether([
    of("select 1 as one"),
    of("select pg_terminate_backend(pg_backend_pid())"),
    of("select 2 as two"),
  ])
  expect(results.length).toBeLessThanOrEqual(1)
  expect(error).toMatchObject({ code: "57P01" })
  expect((await broken.sendTogether([of("select 1")])).error).toBeInstanceOf(Error)
  broken.release(true)
  await own.end()
})
