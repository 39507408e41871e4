/** `earmark verify` over both systems: silent beside a sale, and exact about what disagrees. */
import { beforeAll, expect, test } from "vitest"
import type { Engine } from "../../src/index.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { CLOSED, type Shard } from "../../src/redis/shard.ts"
import { stock } from "../support/engine.ts"
import { eventually, HotShop, type Service } from "../support/hot-shop.ts"
import { TestRedis } from "../support/redis-server.ts"

let redis: TestRedis
beforeAll(async () => {
  redis = await TestRedis.start()
  return () => redis.remove()
})

interface Scene {
  readonly shop: HotShop
  readonly service: Service
  readonly engine: Engine
  readonly shard: Shard
  readonly levelId: string
}

async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  const shop = await HotShop.open({ redisUrl: redis.url })
  const service = await shop.service()
  const { engine, hotPath } = service
  await stock(engine, "MUG", { LAX: 500 })
  await shop.heat("MUG", 50)
  await shop.openShards(service)
  const shard = hotPath.shards[shardOf("MUG")]
  const [level] = hotPath.hot.levels()
  if (!shard || !level) throw new Error("nothing is hot")
  await use({ shop, service, engine, shard, levelId: String(level.levelId) })
  await shop.close()
}

async function reserve(engine: Engine, quantity = 1): Promise<void> {
  expect((await engine.reserve({ lines: [{ sku: "MUG", quantity }] })).outcome).toBe("reserved")
}

/** Changes a number behind everybody's back, looks, and changes it back. */
async function withChange(
  { shop, shard }: Scene,
  change: readonly [key: string, field: string, by: number],
): Promise<unknown> {
  const [key, field, by] = change
  await shard.send(key, "HINCRBY", key, field, String(by))
  try {
    return await shop.disagreements()
  } finally {
    await shard.send(key, "HINCRBY", key, field, String(-by))
  }
}

const free = ({ shard }: Scene) => shard.keys.all.find((key) => key.endsWith(":free")) ?? ""
const totals = ({ shard }: Scene) => shard.keys.all.find((key) => key.endsWith(":totals")) ?? ""
const MUG = { shard: shardOf("MUG"), epoch: 1, sku: "MUG", location: "LAX" }

test("they agree at every instant of a sale, while workers allot, persist and take back", () =>
  scene(async ({ shop, service, engine }) => {
    shop.work(service)
    let selling = true
    const buyers = Array.from({ length: 4 }, async () => {
      while (selling) await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
    })
    for (let looks = 0; looks < 10; looks += 1) await shop.expectBooksAgree()
    selling = false
    await Promise.all(buyers)
    await eventually(async () => service.hotPath.outstanding() === 0, "all is persisted")
  }))

test("what is granted counts until it is persisted, whether Redis has forgotten it by then or not", () =>
  scene(async ({ shop, engine, shard, service }) => {
    await reserve(engine, 3)
    await shop.expectBooksAgree()
    const told = await shard.books(1, 10)
    const [grant] = told === CLOSED ? [] : (told.books?.grants ?? [])
    if (!grant) throw new Error("nothing is granted")
    await service.hotPath.drain(shard)
    // As if the worker had died before it told Redis.
    await shard.send(shard.keys.grants, "HSET", shard.keys.grants, grant.id, grant.stored)
    await shop.expectBooksAgree()
    await shard.send(shard.keys.grants, "HDEL", shard.keys.grants, grant.id)
  }))

test("units that Redis has invented or lost are told, with their shard and level", () =>
  scene(async (scene) => {
    await reserve(scene.engine, 2)
    const found = { allotted: 50, free: 48, granted: 2, onTheWayThere: 0, onTheWayBack: 0 }
    expect(await withChange(scene, [free(scene), scene.levelId, 5])).toEqual([{ ...MUG, ...found, free: 53 }])
    expect(await withChange(scene, [free(scene), scene.levelId, -1])).toEqual([
      { ...MUG, ...found, free: 47 },
    ])
    expect(await withChange(scene, [free(scene), "999", 1])).toMatchObject([
      { shard: MUG.shard, stockLevelId: 999 },
    ])
    const returned = `returned:${scene.levelId}`
    expect(await withChange(scene, [totals(scene), returned, 4])).toEqual([
      { ...MUG, ...found, onTheWayBack: 4 },
    ])
  }))

test("units that are on the way are nobody's loss", () =>
  scene(async ({ shop, service, shard, levelId }) => {
    await service.hotPath.strategy.submit({
      kind: "allot",
      sku: "MUG",
      location: "LAX",
      epoch: 1,
      allottedTotal: 60,
    })
    await shop.expectBooksAgree()
    await shard.takeBack(1, [{ levelId: Number(levelId), units: 7 }])
    await shop.expectBooksAgree()
    await service.hotPath.allotter().pass()
  }))

test("a shard that has lost its epoch is told of", () =>
  scene(async ({ shop, service, shard }) => {
    const meta = shard.keys.all[0] ?? ""
    await shard.send(meta, "DEL", meta)
    expect(await shop.disagreements()).toEqual([
      { shard: MUG.shard, epoch: 1, problem: "it lost something: a worker begins its next epoch" },
    ])
    await service.hotPath.keeper().pass()
    await shop.expectBooksAgree()
  }))
