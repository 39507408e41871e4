import { expect, onTestFinished, test } from "vitest"
import { milliseconds } from "../../src/postgres/rows.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"

test("a moment is read as the millisecond that it is in, also at its first and its last microsecond", async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const pool = openTestPool(database.url, 1)
  onTestFinished(() => pool.end())
  const { rows } = await pool.query(
    `select count(*)::int as moments,
       count(*) filter (where ${milliseconds("m")} <> floor(extract(epoch from m) * 1000)::bigint)::int as wrong
     from (
       select timestamptz '2026-01-01' + n * interval '86399.123 seconds' + edge * interval '1 microsecond' as m
       from generate_series(0, 20000) n, unnest(array[-1, 0, 1]) edge
     ) moments`,
  )
  expect(rows).toEqual([{ moments: 60_003, wrong: 0 }])
})
