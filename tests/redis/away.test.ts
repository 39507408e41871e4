/** Redis is away for a moment: Postgres sells what it has, refuses the rest for certain, and keys keep their meaning. */
import { expect, onTestFinished, test } from "vitest"
import type { Engine } from "../../src/index.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { loadScript } from "../../src/redis/script.ts"
import { type RedisServer, RedisUnreached } from "../../src/redis/server.ts"
import { stock } from "../support/engine.ts"
import { eventually, HotShop, type Service } from "../support/hot-shop.ts"
import { PERSISTENT, TestRedis } from "../support/redis-server.ts"

async function scene(wrapServer: (server: RedisServer) => RedisServer) {
  const redis = await TestRedis.start({ ...PERSISTENT, appendfsync: "always" })
  onTestFinished(() => redis.remove())
  const shop = await HotShop.open({ redisUrl: redis.url })
  const service = await shop.service({ wrapServer })
  await stock(service.engine, "MUG", { LAX: 10 })
  await shop.heat("MUG", 6)
  await shop.openShards(service)
  return { redis, shop, service, engine: service.engine }
}

const reserve = (engine: Engine, more = {}) =>
  engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], ...more })

function isUnreached({ hotPath }: Service) {
  return () =>
    hotPath.shards[0]?.status(1).then(
      () => false,
      (error: unknown) => error instanceof RedisUnreached,
    ) ?? Promise.resolve(false)
}

test("what was never sent is not looked for: Postgres sells, or says for certain that it cannot", async () => {
  const asked: unknown[] = []
  const { redis, shop, service, engine } = await scene((server) => ({
    close: () => server.close(),
    send(key, args) {
      asked.push(args[1])
      return server.send(key, args)
    },
  }))
  await redis.kill()
  await eventually(isUnreached(service), "the connection is gone")
  for (let sold = 0; sold < 4; sold += 1) {
    expect(await reserve(engine)).toMatchObject({
      outcome: "reserved",
      reservation: { durability: "durable" },
    })
  }
  await expect(reserve(engine)).rejects.toMatchObject({ code: "unavailable", notApplied: true })
  expect(asked).toContain(loadScript("reserve").sha1)
  expect(asked).not.toContain(loadScript("refuse").sha1)
  await redis.restart()
  shop.work(service)
  const number = shardOf("MUG")
  await eventually(async () => service.hotPath.hot.epochOf(number) === 2, "it begins anew")
  await shop.close()
})

test("a request that comes again with its key gets what Redis has granted, once that can be asked", async () => {
  const unreached = new Set([loadScript("reserve").sha1, loadScript("peek-key").sha1])
  let left = 0
  const { shop, engine } = await scene((server) => ({
    close: () => server.close(),
    async send(key, args) {
      if (left > 0 && unreached.has(String(args[1]))) {
        left -= 1
        throw new RedisUnreached("told to")
      }
      return server.send(key, args)
    },
  }))
  const first = await reserve(engine, { idempotencyKey: "k-1" })
  if (first.outcome !== "reserved") throw new Error(first.outcome)
  left = 3
  const twin = await reserve(engine, { idempotencyKey: "k-1" })
  expect(left).toBe(0)
  expect(twin).toMatchObject({ outcome: "replayed", reservation: { id: first.reservation.id } })
  expect(await shop.revokedIds()).toEqual([])
  await shop.close()
})
