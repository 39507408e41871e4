import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { listen } from "../../src/http/listen.ts"
import { createTestService } from "../http/service.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { expectLawful } from "../support/engine.ts"

const run = promisify(execFile)

describe("the examples run as they stand", () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false })
  })

  afterAll(async () => {
    const pool = openTestPool(database.url)
    await expectLawful(pool)
    await pool.end()
    await database.drop()
  })

  async function runExample(name: string): Promise<string> {
    const { stdout } = await run(process.execPath, ["--conditions=earmark-source", `examples/${name}`], {
      env: { ...process.env, DATABASE_URL: database.url },
      timeout: 30_000,
    })
    return stdout
  }

  test("the library in one script", async () => {
    const stdout = await runExample("library.ts")
    expect(stdout).toMatch(/^reserved rsv_[0-9a-f]{32} until /)
    expect(stdout).toContain("replayed true")
    expect(stdout).toContain("insufficient_stock [ { sku: 'POSTER', requested: 1, available: 0 } ]")
    expect(stdout.trimEnd().endsWith("confirmed")).toBe(true)
  })

  test("the database is that of the settings, as for the service", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "earmark-examples-"))
    const { DATABASE_URL: _ours, ...env } = process.env
    const words = ["--conditions=earmark-source", "examples/library.ts"]
    const away = run(process.execPath, words, { env: { ...env, EARMARK_DATA_DIR: dataDir }, timeout: 30_000 })
    // Not the `.earmark` of whoever runs the tests.
    await expect(away).rejects.toThrow(`no private Postgres is running in ${dataDir}`)
    await rm(dataDir, { recursive: true })
  })

  test("inside a transaction of pg", async () => {
    const stdout = await runExample("own-transaction-pg.ts")
    expect(stdout).toBe("committed held\nrolled back released held\n")
  })

  test("inside a transaction of Drizzle", async () => {
    expect(await runExample("own-transaction-drizzle.ts")).toBe("booked held\n")
  })

  test("the whole life by curl", async () => {
    const service = await createTestService()
    const url = await listen(service.server, { host: "127.0.0.1", port: 0 })
    await service.engine.putLocation({
      code: "LAX",
      name: "Los Angeles",
      priority: 1,
      metadata: { country: "US" },
    })
    const { stdout } = await run("bash", ["examples/whole-life.sh", url], { timeout: 30_000 })
    const { data } = await service.engine.locations({})
    expect(data).toContainEqual(
      expect.objectContaining({ code: "LAX", priority: 1, metadata: { country: "US" } }),
    )
    await service.close()
    expect(stdout).toMatch(/held as rsv_[0-9a-f]{32}\n/)
    expect(stdout.match(/"state":"confirmed"/g)).toHaveLength(2)
    expect(stdout).toContain('"code":"reservation_confirmed"')
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^\{"sku":"LAMP","available":1,"onHand":1,"held":0,/)
  })
})
