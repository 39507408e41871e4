import { expect, onTestFinished, test } from "vitest"
import { checkRedis } from "../../src/redis/check-server.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { connectRedis, type RedisServer } from "../../src/redis/server.ts"
import { stock } from "../support/engine.ts"
import { HotShop } from "../support/hot-shop.ts"
import { PERSISTENT, type RedisSettings, SNAPSHOTS_ONLY, TestRedis } from "../support/redis-server.ts"

async function check(settings: RedisSettings, wrap = (server: RedisServer) => server) {
  const redis = await TestRedis.start(settings)
  onTestFinished(() => redis.remove())
  const server = await connectRedis(redis.url)
  onTestFinished(() => server.close())
  return (await checkRedis(wrap(server), "test")).map(({ warning }) => warning)
}

test("one with an append-only file that evicts nothing is as it should be", async () => {
  expect(await check(PERSISTENT)).toEqual([])
})

test("one that evicts is refused, with what mends it", async () => {
  const evicting = check({ ...PERSISTENT, "maxmemory-policy": "allkeys-lru" })
  await expect(evicting).rejects.toThrow("redis-cli config set maxmemory-policy noeviction")
})

test("one that keeps nothing is refused, with what mends it", async () => {
  await expect(check({ appendonly: "no", save: "" })).rejects.toThrow("redis-cli config set appendonly yes")
})

test("one with snapshots alone is warned about", async () => {
  expect(await check(SNAPSHOTS_ONLY)).toEqual([expect.stringContaining("append-only file")])
})

test("one that is too old is refused", async () => {
  const old = (server: RedisServer): RedisServer => ({
    close: () => server.close(),
    send: async (key, args) => (args[0] === "INFO" ? "redis_version:6.2.14\r\n" : server.send(key, args)),
  })
  await expect(check(PERSISTENT, old)).rejects.toThrow("Redis is 6.2.14, and 7.0 or newer is needed")
})

test("one that shows no settings is taken, with a warning", async () => {
  const { ErrorReply } = await import("redis")
  const hiding = (server: RedisServer): RedisServer => ({
    close: () => server.close(),
    async send(key, args) {
      if (args[0] === "CONFIG") throw new ErrorReply("ERR unknown command 'CONFIG'")
      return server.send(key, args)
    },
  })
  expect(await check(PERSISTENT, hiding)).toEqual([expect.stringContaining("maxmemory-policy is noeviction")])
})

test("one that is set to evict while it runs grants nothing until that is mended, and loses nothing", async () => {
  const redis = await TestRedis.start(PERSISTENT)
  onTestFinished(() => redis.remove())
  const shop = await HotShop.open({ redisUrl: redis.url })
  const { engine, hotPath } = await shop.service()
  await stock(engine, "MUG", { LAX: 10 })
  await shop.heat("MUG", 10)
  await shop.openShards({ engine, hotPath, lost: [], close: () => engine.close() })
  const reserve = () => engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  const refusals: [number, string][] = []
  const keeper = hotPath.keeper({ checkMs: 0, onRefused: (...refusal) => refusals.push(refusal) })
  expect(await reserve()).toMatchObject({ reservation: { durability: "provisional" } })
  await redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
  for (let passes = 0; passes < 2; passes += 1) await keeper.pass()
  expect(refusals).toHaveLength(hotPath.shards.length)
  expect(refusals).toContainEqual([
    shardOf("MUG"),
    expect.stringContaining("config set maxmemory-policy noeviction"),
  ])
  expect(hotPath.hot.epochOf(shardOf("MUG"))).toBeNull()
  expect((await engine.hotItems())[0]?.locations).toEqual([{ location: "LAX", allotted: 0 }])
  expect(await reserve()).toMatchObject({ reservation: { durability: "durable" } })
  expect(await engine.availability("MUG")).toMatchObject({ held: 2, available: 8 })
  await redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
  await keeper.pass()
  await hotPath.allotter().pass()
  expect(await reserve()).toMatchObject({ reservation: { durability: "provisional" } })
  await shop.close()
})
