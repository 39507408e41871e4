/** Two that begin a shard's next epoch, and one that comes late: one of them does it, and nothing that lives is touched. */
import { beforeAll, expect, onTestFinished, test } from "vitest"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { createAllotmentStore } from "../../src/postgres/allotment-store.ts"
import { STRATEGY_FACTORIES } from "../../src/postgres/strategies.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { rebuildShard } from "../../src/redis/rebuild.ts"
import { stock } from "../support/engine.ts"
import { eventually, HotShop } from "../support/hot-shop.ts"
import { TestRedis } from "../support/redis-server.ts"

let redis: TestRedis
beforeAll(async () => {
  redis = await TestRedis.start()
  return () => redis.remove()
})

async function scene(redisUrl = redis.url) {
  const shop = await HotShop.open({ redisUrl })
  const service = await shop.service()
  await stock(service.engine, "MUG", { LAX: 20 })
  await shop.heat("MUG", 20)
  await shop.openShards(service)
  const number = shardOf("MUG")
  const database = { pool: shop.pool, schema: "earmark", observer: SILENT_OBSERVER }
  const store = createAllotmentStore(database)
  const postgres = STRATEGY_FACTORIES.batched(database)
  const { hot, persister, shards } = service.hotPath
  const shard = shards[number]
  if (!shard) throw new Error("there is no such shard")
  return {
    shop,
    service,
    store,
    number,
    shard,
    parts: { store, postgres, hot, persister, refusalOf: async () => null },
  }
}

test("a healthy shard is left alone, unless somebody insists", async () => {
  const { shop, service, number, shard, parts } = await scene()
  expect(await rebuildShard(parts, number, shard)).toBeNull()
  expect(await rebuildShard(parts, number, shard, { force: true })).toMatchObject({
    epoch: 2,
    unitsTakenBack: 20,
  })
  await service.hotPath.allotter().pass()
  await shop.close()
})

test("one that comes late, with an old view of things, does not touch the epoch that has begun meanwhile", async () => {
  const { shop, service, store, number, shard, parts } = await scene()
  let isFirst = true
  const late = {
    ...store,
    alone: async (_: number, work: () => Promise<void>) => {
      await work()
      return true
    },
    // As if it had been paused right after it looked, for longer than its claim lasts.
    async hotState() {
      const state = await store.hotState()
      if (isFirst) {
        isFirst = false
        await rebuildShard(parts, number, shard, { force: true })
        await service.hotPath.allotter().pass()
        await service.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
      }
      return state
    },
  }
  expect(await rebuildShard({ ...parts, store: late }, number, shard, { force: true })).toBeNull()
  expect(await shard.status(2)).toMatchObject({ isOpen: true, grants: 1 })
  expect((await service.engine.hotItems())[0]?.locations).toEqual([{ location: "LAX", allotted: 20 }])
  await shop.close()
})

test("a shard that was told of more than Postgres knows, which was restored from a backup, begins anew", async () => {
  const { shop, service, number, shard } = await scene()
  const { hot } = service.hotPath
  const [level] = hot.levels()
  if (!level) throw new Error("nothing is hot")
  // Postgres has forgotten the last five.
  await shard.topUp(1, [{ levelId: level.levelId, allottedTotal: level.allottedTotal + 5 }])
  await service.hotPath.keeper().pass()
  expect(hot.epochOf(number)).toBe(2)
  await service.hotPath.allotter().pass()
  expect(await shard.topUp(2, [{ levelId: level.levelId, allottedTotal: 0 }])).toMatchObject([{ free: 20 }])
  await shop.close()
})

test("a Redis that goes away while its shards begin anew is given up like any other", async () => {
  const dying = await TestRedis.start()
  onTestFinished(() => dying.remove())
  const { shop, service, store, number } = await scene(dying.url)
  const { engine, hotPath } = service
  const allotted = async () => (await engine.hotItems())[0]?.locations
  // As far as somebody came before it died.
  await store.fence(number, 1)
  await dying.kill()
  await hotPath.keeper({ giveUpMs: 0 }).pass()
  expect(await allotted()).toEqual([{ location: "LAX", allotted: 0 }])
  expect(await engine.reserve({ lines: [{ sku: "MUG", quantity: 20 }] })).toMatchObject({
    outcome: "reserved",
    reservation: { durability: "durable" },
  })
  await dying.restart()
  shop.work(service)
  await eventually(async () => hotPath.hot.epochOf(number) === 3, "it begins anew")
  await shop.close()
})
