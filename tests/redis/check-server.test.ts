import { expect, onTestFinished, test } from "vitest"
import { checkRedis } from "../../src/redis/check-server.ts"
import { connectRedis, type RedisServer } from "../../src/redis/server.ts"
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
