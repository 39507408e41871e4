import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, inject, test } from "vitest"
import { STRATEGIES } from "../../src/index.ts"
import { openTestPool } from "../support/database.ts"

const run = promisify(execFile)

test("the quick benchmark compares every strategy, counts units, and leaves no schema behind", async () => {
  const args = ["--quick", "--rounds", "1", "--seconds", "1", "--callers", "64", "--json"]
  const { stdout, stderr } = await run(
    process.execPath,
    ["--conditions=earmark-source", "bench/main.ts", ...args],
    { env: { ...process.env, DATABASE_URL: inject("databaseServerUrl") }, timeout: 55_000 },
  )
  const { results } = JSON.parse(stdout) as { results: { strategy: string; rate: number; p50Ms: number }[] }
  expect(results.map(({ strategy }) => strategy)).toEqual(STRATEGIES)
  for (const result of results) expect(result).toMatchObject({ oversold: 0, leaked: 0 })
  const rateOf = (name: string) => results.find(({ strategy }) => strategy === name)?.rate ?? 0
  // Sharing transactions is what makes the difference: seen at 20, and far from it something is broken.
  expect(rateOf("batched") / rateOf("atomic-update")).toBeGreaterThan(4)
  expect(stderr).toContain("batched, round 1 of 1")
  const pool = openTestPool(inject("databaseServerUrl"), 1)
  const { rowCount } = await pool.query("select from pg_namespace where nspname like 'earmark_bench%'")
  await pool.end()
  expect(rowCount).toBe(0)
})

test("wrong usage is exit code 2", async () => {
  const failure = await run(process.execPath, [
    "--conditions=earmark-source",
    "bench/main.ts",
    "--rounds",
    "0",
  ]).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("expected a whole number from 1"),
  })
})
