/** What Postgres falls short of comes back from Redis, however eager a worker is to allot it again. */
import { beforeAll, describe, expect, test } from "vitest"
import type { Engine } from "../../src/index.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { loadScript } from "../../src/redis/script.ts"
import type { RedisServer } from "../../src/redis/server.ts"
import { stock } from "../support/engine.ts"
import { HotShop, type Service } from "../support/hot-shop.ts"
import { TestRedis } from "../support/redis-server.ts"

let redis: TestRedis
beforeAll(async () => {
  redis = await TestRedis.start()
  return () => redis.remove()
})

interface Scene {
  readonly shop: HotShop
  readonly engine: Engine
}

/** All of 10 units are in Redis. Whenever some are recalled, the worker does this before anybody else can do anything. */
async function scene(
  onRecall: (worker: Service, recalls: number) => Promise<unknown>,
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const shop = await HotShop.open({ redisUrl: redis.url })
  const worker = await shop.service()
  let recalls = 0
  const wrapServer = (server: RedisServer): RedisServer => ({
    close: () => server.close(),
    async send(key, args) {
      const reply = await server.send(key, args)
      if (args[1] === loadScript("recall").sha1) {
        recalls += 1
        await onRecall(worker, recalls)
      }
      return reply
    },
  })
  const { engine } = await shop.service({ wrapServer })
  await stock(engine, "MUG", { LAX: 10 })
  await shop.heat("MUG", 10)
  await shop.openShards(worker)
  try {
    await use({ shop, engine })
  } finally {
    await shop.close()
  }
}

const looksAgain = (worker: Service) => worker.hotPath.allotter().pass()

/** As one that had looked just before the units were recalled. */
async function wasAtIt({ hotPath }: Service, recalls: number): Promise<void> {
  if (recalls > 1) return
  const { hot, shards, strategy } = hotPath
  const number = shardOf("MUG")
  const epoch = hot.epochOf(number) ?? 0
  const [{ levelId, sku, location } = never()] = hot.levels()
  await strategy.submit({ kind: "give_back", sku, location, epoch, returnedTotal: 10 })
  const allotted = await strategy.submit({ kind: "allot", sku, location, epoch, allottedTotal: 20 })
  if (allotted.outcome !== "allotted") throw new Error(allotted.outcome)
  expect(allotted.allottedTotal).toBeGreaterThan(10)
  await shards[number]?.topUp(epoch, [{ levelId, allottedTotal: allotted.allottedTotal }])
}

function never(): never {
  throw new Error("this cannot be missing")
}

describe.each([
  ["looks again at once", looksAgain],
  ["was about to allot more", wasAtIt],
])("a worker that %s", (_, onRecall) => {
  test("does not keep a stock count from being entered", () =>
    scene(onRecall, async ({ engine }) => {
      const damaged = { sku: "MUG", location: "LAX", delta: -7, reason: "damaged" } as const
      expect(await engine.adjust(damaged)).toMatchObject({ outcome: "adjusted", level: { onHand: 3 } })
      expect(await engine.adjust(damaged)).toMatchObject({ outcome: "stock_below_held" })
    }))

  test("does not keep a caller's transaction from reserving and adjusting", () =>
    scene(onRecall, async ({ shop, engine }) => {
      const tx = await shop.pool.connect()
      await tx.query("begin")
      const lines = [{ sku: "MUG", quantity: 6 }]
      expect(await engine.reserve({ lines }, { tx })).toMatchObject({ outcome: "reserved" })
      const damaged = { sku: "MUG", location: "LAX", delta: -4, reason: "damaged" } as const
      expect(await engine.adjust(damaged, { tx })).toMatchObject({ outcome: "adjusted" })
      expect(await engine.reserve({ lines }, { tx })).toMatchObject({ outcome: "insufficient_stock" })
      await tx.query("commit")
      tx.release()
      expect(await engine.availability("MUG")).toMatchObject({ onHand: 6, held: 6 })
    }))

  test("does not sell what has become safety stock", () =>
    scene(onRecall, async ({ engine }) => {
      await engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 4 })
      expect(await engine.reserve({ lines: [{ sku: "MUG", quantity: 7 }] })).toMatchObject({
        outcome: "insufficient_stock",
      })
      expect(await engine.reserve({ lines: [{ sku: "MUG", quantity: 6 }] })).toMatchObject({
        outcome: "reserved",
      })
    }))
})

test("a level that is new is sold by a service that has not heard of it", () =>
  scene(
    async () => {},
    async ({ shop, engine }) => {
      const worker = await shop.service()
      const reserve = (location?: string) =>
        engine.reserve({ lines: [{ sku: "MUG", quantity: 5, ...(location ? { location } : {}) }] })
      await reserve()
      await reserve()
      await stock(worker.engine, "MUG", { JFK: 10 })
      await worker.hotPath.allotter().pass()
      expect((await engine.hotItems())[0]?.locations).toContainEqual({ location: "JFK", allotted: 10 })
      expect(await reserve()).toMatchObject({ outcome: "reserved" })
      expect(await reserve("JFK")).toMatchObject({ outcome: "reserved" })
      expect(await reserve()).toMatchObject({ outcome: "insufficient_stock" })
    },
  ))

test("safety stock is not said to be unchanged when only what Redis has of it could not be taken back", () => {
  const onceRecalled: (() => Promise<unknown>)[] = []
  return scene(
    async () => onceRecalled.pop()?.(),
    async ({ shop, engine }) => {
      const set = () => engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 4 })
      const tx = await shop.pool.connect()
      await tx.query("begin")
      onceRecalled.push(() => tx.query("select from earmark.stock_levels for update"))
      await expect(set()).rejects.toMatchObject({ code: "outcome_unknown", notApplied: false })
      await tx.query("rollback")
      tx.release()
      expect(await engine.availability("MUG")).toMatchObject({ locations: [{ safetyStock: 4 }] })
      expect(await set()).toMatchObject({ outcome: "changed" })
      const lines = [{ sku: "MUG", quantity: 7 }]
      expect(await engine.reserve({ lines })).toMatchObject({ outcome: "insufficient_stock" })
    },
  )
})
