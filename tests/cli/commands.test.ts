import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { DEMO_CATALOGUE } from "../../src/cli/demo-catalogue.ts"
import { createEngine } from "../../src/index.ts"
import { createTestDatabase, openTestPool, type TestDatabase } from "../support/database.ts"
import { call, launch, listening, makeDataDir, run } from "./earmark-process.ts"

let database: TestDatabase
let settings: { DATABASE_URL: string }

beforeAll(async () => {
  database = await createTestDatabase()
  settings = { DATABASE_URL: database.url }
})

afterAll(() => database.drop())

test("migrate --print shows the SQL and changes nothing; migrate applies it, once", async () => {
  const empty = await createTestDatabase({ migrated: false })
  const here = { DATABASE_URL: empty.url, EARMARK_SCHEMA: "shop" }
  const printed = await run(["migrate", "--print"], here)
  expect(printed.exitCode).toBe(0)
  expect(printed.stdout).toMatch(/^create table "shop"/im)
  const { pending } = JSON.parse((await run(["migrate", "--print", "--json"], here)).stdout) as {
    pending: { name: string; sql: string }[]
  }
  const names = pending.map(({ name }) => name)
  expect(names.length).toBeGreaterThan(0)

  const service = await listening(["serve"], here)
  expect(service.stderr()).toContain('migrations are not applied: run "earmark migrate"')
  const red = await call(`${service.url}/readyz`)
  expect([red.status, JSON.stringify(red.body)]).toEqual([
    503,
    expect.stringContaining("migrations are not applied"),
  ])
  expect((await run(["verify"], here)).stderr).toMatch(/^earmark: the database lacks \d+ migrations/)

  expect((await run(["migrate"], here)).stdout).toBe(`${names.join("\n")}\n`)
  expect(JSON.parse((await run(["migrate", "--json"], here)).stdout)).toEqual({ applied: [] })
  expect((await run(["migrate", "--print"], here)).stdout).toBe("")
  expect((await call(`${service.url}/readyz`)).status).toBe(200)
  expect((await service.stop()).exitCode).toBe(0)
  await empty.drop()
})

test("serve fills an empty database only when it is told to", async () => {
  const empty = await createTestDatabase()
  const here = { DATABASE_URL: empty.url }
  const plain = await listening(["serve"], here)
  expect((await call(`${plain.url}/v1/items`)).body["data"]).toEqual([])
  expect((await plain.stop()).exitCode).toBe(0)
  const demo = await listening(["serve"], { ...here, EARMARK_DEMO: "1" })
  expect((await call(`${demo.url}/v1/items`)).body["data"]).toHaveLength(DEMO_CATALOGUE.items.length)
  expect((await demo.stop()).exitCode).toBe(0)
  await empty.drop()
})

test("serve has a theatre only when it is told to, and no stock in its sandbox", async () => {
  const empty = await createTestDatabase()
  const here = { DATABASE_URL: empty.url }
  const plain = await listening(["serve"], here)
  expect(await call(`${plain.url}/v1/theatre`)).toMatchObject({ status: 404, body: { code: "not_found" } })
  expect((await plain.stop()).exitCode).toBe(0)
  const playing = await listening(["serve"], { ...here, EARMARK_THEATRE: "1" })
  const sale = { units: 10_000, buyers: 20_000, strategy: "row-lock" }
  expect((await call(`${playing.url}/v1/theatre/sales`, sale)).status).toBe(201)
  await expect
    .poll(async () => (await call(`${playing.url}/v1/theatre`)).body["current"], { timeout: 10_000 })
    .toMatchObject({ state: "running" })
  const { exitCode, stderr } = await playing.stop()
  expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("not everything stopped")])
  const inside = await run(["serve"], { ...here, EARMARK_SCHEMA: "earmark_theatre", PORT: "0" })
  expect([inside.exitCode, inside.stderr]).toEqual([1, expect.stringContaining("is the sandbox of another")])
  await empty.drop()
})

test("seed puts one mug at LAX, whoever seeds at the same time, and a new one after it is sold", async () => {
  const seeds = await Promise.all([run(["seed", "--json"], settings), run(["seed", "--json"], settings)])
  expect(seeds.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  const engine = await createEngine({ databaseUrl: database.url })
  const mugs = async () => {
    const levels = (await engine.availability("CERAMIC-MUG"))?.locations ?? []
    return levels.find(({ location }) => location === "LAX")?.onHand
  }
  expect(await mugs()).toBe(1)
  expect((await run(["seed"], settings)).stderr).toContain("every level has stock")
  await engine.adjust({ sku: "CERAMIC-MUG", location: "LAX", delta: -1, reason: "damaged" })
  const again = await run(["seed"], settings)
  expect(again.stderr).toContain("1 CERAMIC-MUG at LAX")
  expect(await mugs()).toBe(1)
  await engine.close()
})

test("a worker alone records the end of holds, and stops when asked", async () => {
  const engine = await createEngine({ databaseUrl: database.url })
  await engine.putItem({ sku: "VASE", name: "Vase" })
  await engine.putLocation({ code: "SEA", name: "Seattle" })
  await engine.adjust({ sku: "VASE", location: "SEA", delta: 1, reason: "received" })
  await engine.reserve({ lines: [{ sku: "VASE", quantity: 1 }], ttlSeconds: 1 })
  const pool = openTestPool(database.url, 1)
  const worker = launch(["worker", "--json"], { ...settings, EARMARK_SWEEP_INTERVAL_MS: "50" })
  await worker.saw('{"loops":["expire","periods","webhooks"]}')
  const ended = "select from earmark.reservations where state = 'expired'"
  while ((await pool.query(ended)).rowCount === 0) await sleep(20)
  worker.child.kill("SIGTERM")
  expect((await worker.ended()).exitCode).toBe(0)
  await Promise.all([engine.close(), pool.end()])
})

test("a loop goes on after passes that failed", async () => {
  const away = await createTestDatabase({ migrated: false })
  const here = { DATABASE_URL: away.url, LOG_LEVEL: "warn", EARMARK_SWEEP_INTERVAL_MS: "20" }
  const service = await listening(["serve"], here)
  const loops = ["delivering to webhooks", "keeping the periods", "recording expired holds"]
  for (const what of loops) await service.saw(`${what} failed; going on`)
  // Several passes of each loop: its first one is told, and an outage that was expected needs no stack.
  await sleep(1500)
  // Beside the line that says where it listens, which may come before or after them.
  const lines = service
    .stdout()
    .split("\n")
    .filter((line) => line.startsWith("{"))
  const told = lines.map((line) => JSON.parse(line)).sort((a, b) => (a.msg < b.msg ? -1 : 1))
  expect(told).toEqual(
    loops.map((what) => ({
      level: "warn",
      time: expect.any(String),
      code: "unavailable",
      detail: expect.any(String),
      msg: `${what} failed; going on`,
    })),
  )
  await run(["migrate"], here)
  const engine = await createEngine({ databaseUrl: away.url })
  await engine.putItem({ sku: "VASE", name: "Vase" })
  await engine.putLocation({ code: "SEA", name: "Seattle" })
  await engine.adjust({ sku: "VASE", location: "SEA", delta: 1, reason: "received" })
  await engine.reserve({ lines: [{ sku: "VASE", quantity: 1 }], ttlSeconds: 1 })
  const pool = openTestPool(away.url, 1)
  const ended = "select from earmark.reservations where state = 'expired'"
  while ((await pool.query(ended)).rowCount === 0) await sleep(20)
  await Promise.all([engine.close(), pool.end()])
  expect((await service.stop()).exitCode).toBe(0)
  await away.drop()
})

test("verify is 1 when a law is broken, and shows the rows", async () => {
  const broken = await createTestDatabase()
  const here = { DATABASE_URL: broken.url }
  await run(["seed"], here)
  const lawful = await run(["verify"], here)
  expect([lawful.exitCode, lawful.stdout]).toEqual([0, ""])
  expect(lawful.stderr).toContain("every law holds")
  const pool = openTestPool(broken.url, 1)
  await pool.query(
    "update earmark.stock_levels set on_hand = on_hand + 1, version = version + 1 where sku = 'OAK-STOOL'",
  )
  await pool.end()
  const { exitCode, stderr } = await run(["verify"], here)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^FAIL {2}levels-equal-journal/m)
  expect(stderr).toMatch(/"sku":"OAK-STOOL"/)
  const reader = await createEngine({ databaseUrl: broken.url, migrate: false, poolSize: 1 })
  const [found, before, ...others] = await reader.verifications()
  const isBroken = ({ holds }: { holds: boolean }) => !holds
  expect([others, before?.laws.filter(isBroken)]).toEqual([[], []])
  const [first] = found?.laws.filter(isBroken) ?? []
  expect(first).toMatchObject({ id: "levels-equal-journal", violations: 1, samples: [{ sku: "OAK-STOOL" }] })
  // Who may only read is told the same, and that it is recorded nowhere.
  await reader.close()
  const only = openTestPool(broken.url, 1)
  await only.query(
    `alter database "${new URL(broken.url).pathname.slice(1)}" set default_transaction_read_only = on`,
  )
  await only.end()
  const unrecorded = await run(["verify"], here)
  expect([unrecorded.exitCode, unrecorded.stderr]).toEqual([
    1,
    expect.stringMatching(/could not be recorded/),
  ])
  const silent = await run(["verify", "--no-record"], here)
  expect([silent.exitCode, silent.stderr]).toEqual([1, expect.not.stringMatching(/recorded/)])
  const json = await run(["verify", "--json"], here)
  const reports = JSON.parse(json.stdout) as { id: string; holds: boolean; rows: unknown[] }[]
  expect(reports.filter(({ holds }) => !holds).map(({ rows }) => rows.length)).not.toContain(0)
  expect(json.exitCode).toBe(1)
  await broken.drop()
})

test.each(["start", "serve", "worker", "migrate", "seed", "verify"])(
  "%s without its database is one sentence",
  async (command) => {
    const { exitCode, stdout, stderr } = await run([command], {
      DATABASE_URL: "postgres://u:secret@127.0.0.1:1/d",
    })
    expect([exitCode, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(/^earmark: cannot reach the database: .*\n$/)
    expect(stderr).not.toContain("secret")
  },
)

test.each(["serve", "worker", "migrate", "seed", "verify"])(
  "%s without DATABASE_URL and without a private Postgres says what to do",
  async (command) => {
    const { exitCode, stderr } = await run([command], { EARMARK_DATA_DIR: await makeDataDir() })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^earmark: DATABASE_URL is not set, and no private .* "npm start" .*\n$/)
  },
)

test("settings that are wrong stop every command before it does anything", async () => {
  const { exitCode, stdout, stderr } = await run(["start"], { EARMARK_SWEEP_INTERVALL_MS: "5", PORT: "http" })
  expect([exitCode, stdout]).toEqual([1, ""])
  expect(stderr).toContain("PORT=http: expected a whole number from 0 to 65535")
  expect(stderr).toContain("did you mean EARMARK_SWEEP_INTERVAL_MS?")
})

test("a reader that has seen enough is no failure", async () => {
  const running = launch(["config"], {})
  running.child.stdout?.destroy()
  expect((await running.ended()).stderr).toBe("")
})
