/** A sale over Redis with the real command line: a service, a worker, and what looks after them. */
import { randomUUID } from "node:crypto"
import type pg from "pg"
import { expect, inject, onTestFinished, test } from "vitest"
import { keysOf } from "../../src/redis/keys.ts"
import { connectRedis } from "../../src/redis/server.ts"
import { createTestDatabase, openTestPool } from "../support/database.ts"
import { eventually } from "../support/hot-shop.ts"
import { startCluster } from "../support/redis-cluster.ts"
import { call, launch, listening, run } from "./earmark-process.ts"

async function openShop() {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  await withPool(database.url, (pool) =>
    pool.query("update earmark.redis_space set space = $1", [randomUUID().slice(0, 8)]),
  )
  return { DATABASE_URL: database.url, REDIS_URL: inject("redisUrl"), EARMARK_STRATEGY: "redis" }
}

async function withPool<T>(url: string, use: (pool: pg.Pool) => Promise<T>): Promise<T> {
  const pool = openTestPool(url, 2)
  try {
    return await use(pool)
  } finally {
    await pool.end()
  }
}

/** It starts a dozen processes, one after the other. */
const timeout = 180_000

test("an item is set hot, sold from memory, persisted by a worker, and cooled down", {
  timeout,
}, async () => {
  const settings = await openShop()
  const worker = launch(["worker"], settings)
  await worker.saw("the loops run: expire, periods, redis")
  const service = await listening(["serve"], { ...settings, EARMARK_SWEEP_INTERVAL_MS: "0" })
  const put = (path: string, body: object) =>
    fetch(`${service.url}/v1/${path}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
  const post = (path: string, body: object) => call(`${service.url}/v1/${path}`, body)
  await put("items/DROP-1", { name: "A drop" })
  await put("locations/LAX", { name: "Los Angeles" })
  await post("stock/adjustments", { sku: "DROP-1", location: "LAX", delta: 20, reason: "received" })

  expect((await run(["hot", "DROP-1=15"], settings)).stdout).toMatch(/DROP-1\s+LAX\s+15\s+0/)
  const hotItems = async () =>
    (JSON.parse((await run(["hot", "--json"], settings)).stdout) as { items: unknown[] }).items
  await eventually(
    async () => JSON.stringify(await hotItems()).includes('"allotted":15'),
    "Redis has its units",
  )
  const reserve = () => post("reservations", { lines: [{ sku: "DROP-1", quantity: 1 }] })
  await eventually(async () => (await reserve()).body["durability"] === "provisional", "Redis grants")
  const { body } = await reserve()
  expect((await call(`${service.url}/v1/reservations/${body["id"]}`)).body).toMatchObject({ state: "held" })
  await eventually(
    async () => (await call(`${service.url}/v1/reservations/${body["id"]}`)).body["durability"] === "durable",
    "a worker persists it",
  )

  const status = await run(["redis"], settings)
  expect(status.stdout).toMatch(/shard\s+epoch\s+state\s+grants/)
  expect(status.stdout.match(/\bopen\b/g)).toHaveLength(16)
  expect((await run(["redis", "dead"], settings)).stderr).toContain("there are no dead letters")
  expect((await run(["redis", "drain"], settings)).stderr).toContain("reservations were persisted")
  expect(JSON.parse((await run(["redis", "replay", "--json"], settings)).stdout)).toEqual({
    persisted: 0,
    revoked: 0,
    empty: 0,
    failed: 0,
  })

  await run(["hot", "DROP-1=0"], settings)
  await eventually(async () => (await hotItems()).length === 0, "everything is back")
  expect((await run(["hot"], settings)).stderr).toContain("no item is hot")
  const lawful = await run(["verify"], settings)
  expect(lawful.stderr).toMatch(/pass\s+allotments-in-redis/)
  expect(lawful.exitCode).toBe(0)
  expect((await service.stop()).exitCode).toBe(0)
  worker.child.kill("SIGTERM")
  expect((await worker.ended()).exitCode).toBe(0)
})

test("rebuild begins a new epoch in every shard", async () => {
  const settings = await openShop()
  const first = JSON.parse((await run(["redis", "rebuild", "--json"], settings)).stdout) as {
    shards: { rebuilt: { epoch: number } }[]
  }
  expect(first.shards.map(({ rebuilt }) => rebuilt.epoch)).toEqual(Array(16).fill(1))
  const again = await run(["redis", "rebuild"], settings)
  expect(again.stdout.match(/^\d+\s+2\b/gm)).toHaveLength(16)
})

test("verify says which shard of Redis has what nobody allotted to it", async () => {
  const settings = await openShop()
  await run(["redis", "rebuild"], settings)
  const { rows } = await withPool(settings.DATABASE_URL, (pool) =>
    pool.query<{ space: string }>("select space from earmark.redis_space"),
  )
  const key = keysOf(`earmark-${rows[0]?.space}`, 3).all.find((name) => name.endsWith(":free")) ?? ""
  const server = await connectRedis(settings.REDIS_URL)
  await server.send(key, ["HSET", key, "7", "5"])
  await server.close()
  const verified = await run(["verify"], settings)
  expect(verified.exitCode).toBe(1)
  expect(verified.stderr).toMatch(/FAIL\s+allotments-in-redis/)
  expect(verified.stderr).toContain(
    '{"shard":3,"epoch":1,"stockLevelId":7,"allotted":0,"free":5,"granted":0,',
  )
  const away = await run(["verify"], { ...settings, REDIS_URL: "redis://127.0.0.1:1" })
  expect(away.exitCode).toBe(1)
  expect(away.stderr).toContain("Redis cannot be reached")
})

test("a member of a cluster that is away does not keep the others from being shown", async () => {
  const cluster = await startCluster()
  const members = [...cluster.primaries, ...cluster.replicas]
  for (const member of members) await member.command("CONFIG", "SET", "cluster-require-full-coverage", "no")
  const settings = { ...(await openShop()), REDIS_URL: cluster.url }
  await run(["redis", "rebuild"], settings)
  await cluster.replicas[0]?.kill()
  await cluster.primaries[0]?.kill()
  const status = await run(["redis"], settings)
  expect(status.exitCode).toBe(0)
  const shown = (state: string) => status.stdout.match(new RegExp(`^\\d+\\s+1\\s+${state}\\b`, "gm")) ?? []
  expect(shown("away").length).toBeGreaterThan(0)
  expect(shown("open").length).toBeGreaterThan(0)
  expect(shown("away").length + shown("open").length).toBe(16)
  const away = shown("away").map((row) => row.split(/\s/)[0])
  expect(status.stderr).toContain(`the Redis that has shards ${away.join(", ")} does not answer`)
})

test("what is typed wrong, and what is not there, is said in a sentence", async () => {
  const settings = await openShop()
  const said = async (words: readonly string[], more = {}) => {
    const { exitCode, stderr } = await run(words, { ...settings, ...more })
    return [exitCode, stderr.trim()]
  }
  expect(await said(["hot", "DROP-1"])).toEqual([2, expect.stringContaining("expected SKU=UNITS")])
  expect(await said(["hot", "DROP-1=many"])).toEqual([2, expect.stringContaining("DROP-1=many: ")])
  expect(await said(["hot", "DROP-1=5"])).toEqual([1, "earmark: there is no item DROP-1"])
  expect(await said(["redis", "dance"])).toEqual([
    2,
    expect.stringContaining("expected one of status, drain"),
  ])
  const nowhere = { REDIS_URL: "redis://127.0.0.1:1" }
  expect(await said(["redis"], nowhere)).toEqual([1, expect.stringContaining("earmark: cannot reach Redis")])
  expect(await said(["redis"], { REDIS_URL: "", EARMARK_STRATEGY: "batched" })).toEqual([
    1,
    "earmark: REDIS_URL is not set",
  ])
})
