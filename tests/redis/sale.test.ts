/** A sale over Redis: nothing is sold twice, nothing is kept back, and every hold ends as anywhere else. */
import { setTimeout as pause } from "node:timers/promises"
import { beforeAll, describe, expect, test, vi } from "vitest"
import { shardOf } from "../../src/redis/keys.ts"
import { answerAll, countOutcomes, reserveCall } from "../support/calls.ts"
import { expectDrains } from "../support/drain.ts"
import { stock } from "../support/engine.ts"
import { type HotScene, hotScene, provisional } from "../support/hot-scene.ts"
import { eventually, HotShop } from "../support/hot-shop.ts"
import { WorkerProcess } from "../support/hot-worker-process.ts"
import { callFromProcesses } from "../support/processes.ts"
import { TestRedis } from "../support/redis-server.ts"

let redis: TestRedis
beforeAll(async () => {
  redis = await TestRedis.start()
  return () => redis.remove()
})

const scene = (units: number, ready: number, use: (scene: HotScene) => Promise<void>) =>
  hotScene(redis.url, { units, ready }, use)

test("of 500 buyers at three services exactly 50 get one of 50 units, and two workers persist them", async () => {
  const shop = await HotShop.open({ redisUrl: redis.url })
  const service = await shop.service()
  const { engine } = service
  await stock(engine, "MUG", { LAX: 30, JFK: 20 })
  await shop.heat("MUG", 50)
  await shop.openShards(service)
  const plan = { url: shop.url, redisUrl: redis.url }
  const workers = await Promise.all([1, 2].map(() => WorkerProcess.start({ ...plan, idleMs: 500 })))
  const plans = [167, 167, 166].map((buyers) => ({
    ...plan,
    strategy: "redis" as const,
    calls: Array.from({ length: buyers }, () => reserveCall("MUG")),
  }))
  const answers = (await callFromProcesses(plans)).flat()
  expect(countOutcomes(answers)).toEqual({ reserved: 50, insufficient_stock: 450 })
  const held = async () => (await engine.availability("MUG"))?.held
  await eventually(async () => (await held()) === 50, "all is persisted")
  await Promise.all(workers.map((worker) => worker.kill()))
  expect(await engine.availability("MUG")).toMatchObject({ onHand: 50, held: 50, available: 0 })
  await expectDrains(engine, "MUG", 50)
  await shop.close()
})

test("units that are not allotted are sold as well: each of 100 once, wherever it lies", () =>
  scene(100, 30, async ({ shop, service, engine }) => {
    shop.work(service)
    const answers = await answerAll(
      engine,
      Array.from({ length: 150 }, () => reserveCall("MUG")),
    )
    expect(countOutcomes(answers)).toEqual({ reserved: 100, insufficient_stock: 50 })
    await eventually(async () => service.hotPath.outstanding() === 0, "all is persisted")
    await expectDrains(engine, "MUG", 100)
  }))

test("a request for more than Redis has left is served by both together", () =>
  scene(10, 8, async ({ engine }) => {
    await provisional(engine, { quantity: 5 })
    const rest = await engine.reserve({ lines: [{ sku: "MUG", quantity: 5 }] })
    expect(rest).toMatchObject({ outcome: "reserved", reservation: { durability: "durable" } })
    expect((await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).outcome).toBe(
      "insufficient_stock",
    )
  }))

describe("what nobody has persisted yet", () => {
  test("reads as it was answered", () =>
    scene(5, 5, async ({ engine }) => {
      const reservation = await provisional(engine)
      expect(await engine.reservation(reservation.id)).toEqual(reservation)
    }))

  test("reads by the clock of Redis, whatever that of the process says", () =>
    scene(5, 5, async ({ engine }) => {
      const { id } = await provisional(engine, { ttlSeconds: 60 })
      const ahead = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000)
      try {
        expect(await engine.reservation(id)).toMatchObject({ state: "held", durability: "provisional" })
      } finally {
        ahead.mockRestore()
      }
    }))

  test("is confirmed durably", () =>
    scene(5, 5, async ({ shop, service, engine }) => {
      const { id } = await provisional(engine)
      const outcome = await engine.confirm(id, { reference: "o-1" })
      expect(outcome).toMatchObject({
        outcome: "confirmed",
        reservation: { id, state: "confirmed", durability: "durable", reference: "o-1" },
      })
      const { rows } = await shop.pool.query("select state from earmark.reservations")
      expect(rows).toEqual([{ state: "confirmed" }])
      // The worker comes late, and finds nothing to do.
      await service.hotPath.drain(service.hotPath.shards[shardOf("MUG")] ?? never())
      expect(await engine.availability("MUG")).toMatchObject({ onHand: 4, held: 0, available: 4 })
    }))

  test("is released, extended, and released again as anywhere", () =>
    scene(5, 5, async ({ engine }) => {
      const { id, expiresAt } = await provisional(engine, { ttlSeconds: 60 })
      const extended = await engine.extend(id, { ttlSeconds: 600 })
      expect(extended.outcome).toBe("extended")
      if ("reservation" in extended) expect(extended.reservation.expiresAt > expiresAt).toBe(true)
      expect((await engine.release(id)).outcome).toBe("released")
      expect((await engine.release(id)).outcome).toBe("released")
      expect(await engine.availability("MUG")).toMatchObject({ held: 0, available: 5 })
    }))

  test("counts as free from its deadline on, without any worker", () =>
    scene(3, 3, async ({ engine }) => {
      for (let count = 0; count < 3; count += 1) await provisional(engine, { ttlSeconds: 1 })
      expect((await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).outcome).toBe(
        "insufficient_stock",
      )
      await pause(1100)
      const answers = await answerAll(
        engine,
        Array.from({ length: 5 }, () => reserveCall("MUG")),
      )
      expect(countOutcomes(answers)).toEqual({ reserved: 3, insufficient_stock: 2 })
    }))
})

describe("between Postgres and Redis", () => {
  test("cooling an item returns every unit", () =>
    scene(50, 40, async ({ shop, service, engine }) => {
      await provisional(engine, { quantity: 3 })
      expect((await engine.hotItems())[0]?.locations).toEqual([{ location: "LAX", allotted: 40 }])
      await engine.setHot({ sku: "MUG", target: 0 })
      shop.work(service)
      await eventually(async () => (await engine.hotItems()).length === 0, "it is cold")
      expect(await engine.availability("MUG")).toMatchObject({ onHand: 50, held: 3, available: 47 })
      await expectDrains(engine, "MUG", 50)
    }))

  test("what was damaged can be taken off although Redis has it", () =>
    scene(10, 10, async ({ engine }) => {
      await provisional(engine, { quantity: 4 })
      const damaged = { sku: "MUG", location: "LAX", delta: -7, reason: "damaged" } as const
      expect((await engine.adjust(damaged)).outcome).toBe("stock_below_held")
      expect((await engine.adjust({ ...damaged, delta: -6 })).outcome).toBe("adjusted")
      expect((await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })).outcome).toBe(
        "insufficient_stock",
      )
    }))

  test("safety stock comes out of Redis again, before it is answered", () =>
    scene(10, 10, async ({ engine }) => {
      await engine.setSafetyStock({ sku: "MUG", location: "LAX", safetyStock: 4 })
      const answers = await answerAll(
        engine,
        Array.from({ length: 10 }, () => reserveCall("MUG")),
      )
      expect(countOutcomes(answers)).toEqual({ reserved: 6, insufficient_stock: 4 })
    }))

  test("an allotment that Redis never heard of is told again", () =>
    scene(10, 4, async ({ shop, service, engine }) => {
      // As if a worker had died after it allotted and before it said so.
      await shop.pool.query("select 1")
      const { hotPath } = service
      const [level] = hotPath.hot.levels()
      const epoch = hotPath.hot.epochOf(shardOf("MUG")) ?? never()
      await shop.heat("MUG", 8)
      const before = level?.allottedTotal ?? 0
      await hotPath.strategy.submit({
        kind: "allot",
        sku: "MUG",
        location: "LAX",
        epoch,
        allottedTotal: before + 4,
      })
      await hotPath.allotter().pass()
      for (let count = 0; count < 8; count += 1) await provisional(engine)
    }))
})

describe("baskets", () => {
  test("with two lines that may come to the same stock level are Postgres', which adds them up", () =>
    scene(5, 5, async ({ engine }) => {
      const lines = [
        { sku: "MUG", quantity: 1 },
        { sku: "MUG", quantity: 2, location: "LAX" },
      ]
      const outcome = await engine.reserve({ lines })
      expect(outcome).toMatchObject({
        outcome: "reserved",
        reservation: { durability: "durable", lines: [{ sku: "MUG", location: "LAX", quantity: 3 }] },
      })
    }))

  test("sold out is said of one item while another of the same shard still sells, and leaves that one in Redis", async () => {
    const shop = await HotShop.open({ redisUrl: redis.url })
    const service = await shop.service()
    const { engine } = service
    const [gone, plenty] = sameShard()
    await stock(engine, gone, { LAX: 3 })
    await stock(engine, plenty, { LAX: 1000 })
    for (const sku of [gone, plenty]) await shop.heat(sku, 1000)
    await shop.openShards(service)
    const calls = Array.from({ length: 100 }, (_, index) => reserveCall(index % 2 === 0 ? gone : plenty))
    const answers = await answerAll(engine, calls)
    expect(countOutcomes(answers)).toEqual({ reserved: 53, insufficient_stock: 47 })
    const basket = { lines: [gone, plenty].map((sku) => ({ sku, quantity: 1 })) }
    expect((await engine.reserve(basket)).outcome).toBe("insufficient_stock")
    const outcome = await engine.reserve({ lines: [{ sku: plenty, quantity: 1 }] })
    expect(outcome).toMatchObject({ reservation: { durability: "provisional" } })
    await shop.close()
  })

  test("of one shard are granted whole or not at all", async () => {
    const shop = await HotShop.open({ redisUrl: redis.url })
    const service = await shop.service()
    const { engine } = service
    const [one, other] = sameShard()
    await stock(engine, one, { LAX: 5 })
    await stock(engine, other, { LAX: 3 })
    for (const sku of [one, other]) await shop.heat(sku, 5)
    await shop.openShards(service)
    const basket = { lines: [one, other].map((sku) => ({ sku, quantity: 1 })) }
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => engine.reserve(basket)))
    expect(outcomes.filter(({ outcome }) => outcome === "reserved")).toHaveLength(3)
    const durabilities = outcomes.flatMap((outcome) =>
      "reservation" in outcome ? [outcome.reservation.durability] : [],
    )
    expect(durabilities).toContain("provisional")
    for (const shard of service.hotPath.shards) await service.hotPath.drain(shard)
    expect(await engine.availability(one)).toMatchObject({ held: 3, available: 2 })
    await shop.close()
  })

  test("of several shards are Postgres', which takes back what it needs", async () => {
    const shop = await HotShop.open({ redisUrl: redis.url })
    const service = await shop.service()
    const { engine } = service
    const [one, other] = otherShard()
    for (const sku of [one, other]) {
      await stock(engine, sku, { LAX: 4 })
      await shop.heat(sku, 4)
    }
    await shop.openShards(service)
    const basket = { lines: [one, other].map((sku) => ({ sku, quantity: 1 })) }
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => engine.reserve(basket)))
    expect(outcomes.filter(({ outcome }) => outcome === "reserved")).toHaveLength(4)
    await shop.close()
  })
})

function skus(): string[] {
  return Array.from({ length: 100 }, (_, index) => `SKU-${index}`)
}

function sameShard(): [string, string] {
  const [first = "", ...others] = skus()
  return [first, others.find((sku) => shardOf(sku) === shardOf(first)) ?? never()]
}

function otherShard(): [string, string] {
  const [first = "", ...others] = skus()
  return [first, others.find((sku) => shardOf(sku) !== shardOf(first)) ?? never()]
}

function never(): never {
  throw new Error("this cannot be missing")
}
