import type pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestDatabase, openTestPool, type TestDatabase } from "../../tests/support/database.ts"
import { Connection } from "./connection.ts"
import { TransactionFault } from "./faults.ts"
import type { Statement } from "./statement.ts"

let database: TestDatabase
/** The engine's own, which sends together, and a caller's, which sends in turn. */
let pools: pg.Pool[]

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  const { default: driver } = await import("pg")
  pools = [openTestPool(database.url, 1), new driver.Pool({ connectionString: database.url, max: 1 })]
  for (const pool of pools) pool.on("error", () => {})
  await pools[0]?.query("create table twins (id int unique deferrable initially deferred)")
  await pools[0]?.query("insert into twins values (1)")
})

afterAll(async () => {
  for (const pool of pools) await pool.end()
  await database.drop()
})

const of = (text: string): Statement => ({ text, values: [] })

/** What is told of a transaction that fails. */
async function faultOf(pool: pg.Pool, statements: readonly Statement[]): Promise<TransactionFault> {
  const connection = await Connection.open(pool)
  try {
    await connection.send(statements, true)
  } catch (error) {
    await connection.send([of("rollback")], false).catch(() => connection.destroy())
    connection.release()
    if (error instanceof TransactionFault) return error
    throw error
  }
  throw new Error("it went through")
}

test("an ordinary error before the commit: certainly not committed, and the connection goes on", async () => {
  for (const pool of pools) {
    const fault = await faultOf(pool, [of("begin"), of("select 1 / 0"), of("commit")])
    expect(fault).toMatchObject({ commitOpen: false, cause: { code: "22012" } })
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }])
  }
})

test("an error of the commit itself is told as one", async () => {
  for (const pool of pools) {
    const fault = await faultOf(pool, [of("begin"), of("insert into twins values (1)"), of("commit")])
    expect(fault).toMatchObject({ commitOpen: true, cause: { code: "23505" } })
  }
})

test("a backend that ends in between: open where the commit was sent, certain where it was not", async () => {
  const dying = [of("begin"), of("select pg_terminate_backend(pg_backend_pid())"), of("commit")]
  const [together, inTurn] = await Promise.all(pools.map((pool) => faultOf(pool, dying)))
  expect(together).toMatchObject({ commitOpen: true, cause: { code: "57P01" } })
  expect(inTurn).toMatchObject({ commitOpen: false, cause: { code: "57P01" } })
})
