/** Keys and ids of what may be in Redis, in Postgres, or lost: one reservation for each key, and nothing is said to be unknown. */
import { beforeAll, describe, expect, test } from "vitest"
import { toWireId } from "../../src/core/ids.ts"
import { createIds } from "../../src/engine/context.ts"
import { type CallerTransaction, createEngine } from "../../src/index.ts"
import { shardOf } from "../../src/redis/keys.ts"
import { loadScript } from "../../src/redis/script.ts"
import { RedisAway, type RedisServer } from "../../src/redis/server.ts"
import { answerAll, reserveCall } from "../support/calls.ts"
import { expectDrains } from "../support/drain.ts"
import { stock } from "../support/engine.ts"
import { type HotScene, hotScene, provisional } from "../support/hot-scene.ts"
import { eventually, HotShop } from "../support/hot-shop.ts"
import { TestRedis } from "../support/redis-server.ts"

let redis: TestRedis
beforeAll(async () => {
  redis = await TestRedis.start()
  return () => redis.remove()
})

const scene = (units: number, ready: number, use: (scene: HotScene) => Promise<void>) =>
  hotScene(redis.url, { units, ready }, use)

describe("idempotency keys", () => {
  test("a twin in Redis gets the same reservation, another body is refused", () =>
    scene(5, 5, async ({ engine }) => {
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const first = await engine.reserve(request)
      const twin = await engine.reserve(request)
      expect([first.outcome, twin.outcome]).toEqual(["reserved", "replayed"])
      if ("reservation" in first && "reservation" in twin)
        expect(twin.reservation.id).toBe(first.reservation.id)
      const other = await engine.reserve({ ...request, lines: [{ sku: "MUG", quantity: 2 }] })
      expect(other.outcome).toBe("idempotency_key_reused")
    }))

  test("a twin that comes after it is persisted gets it too, and leaves nothing behind", () =>
    scene(5, 5, async ({ service, engine }) => {
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const first = await engine.reserve(request)
      for (const shard of service.hotPath.shards) await service.hotPath.drain(shard)
      const twin = await engine.reserve(request)
      expect(twin.outcome).toBe("replayed")
      if ("reservation" in first && "reservation" in twin)
        expect(twin.reservation.id).toBe(first.reservation.id)
      for (const shard of service.hotPath.shards) await service.hotPath.drain(shard)
      expect(await engine.availability("MUG")).toMatchObject({ held: 1, available: 4 })
    }))

  test("a replay shows what has become of it, also when Redis was not told", () =>
    scene(5, 5, async ({ shop }) => {
      const { sha1 } = loadScript("settle")
      const wrapServer = (server: RedisServer): RedisServer => ({
        close: () => server.close(),
        async send(key, args) {
          if (args[1] === sha1) throw new RedisAway("told to")
          return server.send(key, args)
        },
      })
      const { engine } = await shop.service({ wrapServer })
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const first = await engine.reserve(request)
      if (first.outcome !== "reserved") throw new Error(first.outcome)
      await engine.confirm(first.reservation.id)
      expect(await engine.reserve(request)).toMatchObject({
        outcome: "replayed",
        reservation: { id: first.reservation.id, state: "confirmed", durability: "durable" },
      })
    }))

  test("a twin in a caller's transaction gets what Redis has granted", () =>
    scene(5, 4, async ({ shop, engine }) => {
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const first = await engine.reserve(request)
      if (first.outcome !== "reserved") throw new Error(first.outcome)
      const twin = await withinTransaction(shop, (tx) => engine.reserve(request, { tx }))
      expect(twin).toMatchObject({ outcome: "replayed", reservation: { id: first.reservation.id } })
      expect(await shop.revokedIds()).toEqual([])
    }))

  test("a replay takes no unit from others, and is not recorded as revoked", () =>
    scene(2, 2, async ({ shop, service, engine }) => {
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      await engine.reserve(request)
      for (const shard of service.hotPath.shards) await service.hotPath.drain(shard)
      for (let count = 0; count < 3; count += 1)
        expect((await engine.reserve(request)).outcome).toBe("replayed")
      await provisional(engine)
      expect(service.hotPath.outstanding()).toBe(2)
      for (const shard of service.hotPath.shards) await service.hotPath.drain(shard)
      expect(await shop.revokedIds()).toEqual([])
    }))

  test("one that was granted and whose key was taken meanwhile is revoked, and leaves its unit to others", () =>
    scene(2, 2, async ({ shop, engine }) => {
      const told: unknown[] = []
      const worker = await shop.service({ onRevoked: (revoked) => told.push(revoked) })
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const outcome = await engine.reserve(request)
      // As one that had not heard that the item is hot would do.
      const batched = await createEngine({ pool: shop.pool, strategy: "batched", migrate: false })
      await stock(batched, "CUP", { LAX: 1 })
      await batched.reserve({ lines: [{ sku: "CUP", quantity: 1 }], idempotencyKey: "k-1" })
      await batched.close()
      for (const shard of worker.hotPath.shards) await worker.hotPath.drain(shard)
      if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
      const { id } = outcome.reservation
      await expect(engine.reservation(id)).rejects.toMatchObject({ code: "reservation_revoked" })
      const ids = await shop.revokedIds("key_claimed")
      expect(ids).toHaveLength(1)
      expect(told).toEqual([{ reason: "key_claimed", ids }])
      await provisional(engine)
      await provisional(engine)
    }))

  test("a twin that Postgres has to serve, because the item is cooling down, gets what Redis has granted", () =>
    scene(5, 5, async ({ shop, service, engine }) => {
      const request = { lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: "k-1" }
      const first = await engine.reserve(request)
      await shop.heat("MUG", 0)
      await service.hotPath.hot.refresh()
      const twin = await engine.reserve(request)
      expect([first.outcome, twin.outcome]).toEqual(["reserved", "replayed"])
      if ("reservation" in first && "reservation" in twin) {
        expect(twin.reservation.id).toBe(first.reservation.id)
      }
      expect(await shop.revokedIds()).toEqual([])
    }))

  test("twins at two services, in opposite order, while a worker persists: one reservation each", async () => {
    const shop = await HotShop.open({ redisUrl: redis.url })
    const [one, other] = [await shop.service(), await shop.service()]
    await stock(one.engine, "MUG", { LAX: 50 })
    await shop.heat("MUG", 40)
    await shop.openShards(one)
    shop.work(one)
    const keys = Array.from({ length: 80 }, (_, index) => `cart-${index}`)
    const calls = keys.map((key) => reserveCall("MUG", 1, key))
    const [first, second] = await Promise.all([
      answerAll(one.engine, calls),
      answerAll(other.engine, calls.toReversed()),
    ])
    const winners = new Set<string | undefined>()
    for (const [index, answer] of first.entries()) {
      const twin = second[keys.length - 1 - index]
      expect(answer.id).toBe(twin?.id)
      if (answer.id !== undefined) winners.add(answer.id)
    }
    expect(winners.size).toBe(50)
    await eventually(async () => one.hotPath.outstanding() + other.hotPath.outstanding() === 0, "persisted")
    await expectDrains(one.engine, "MUG", 50)
    await shop.close()
  })
})

describe("what cannot be found", () => {
  test("was revoked, and is said to be so in a caller's transaction too", () =>
    scene(5, 5, async ({ shop, engine }) => {
      const id = createIds().next(0)
      await shop.pool.query(
        "insert into earmark.revocations (id, epoch, reason, granted) values ($1, 1, 'lost', '{}')",
        [id],
      )
      for (const call of [{ confirm: {} }, { release: {} }, { extend: { ttlSeconds: 60 } }]) {
        const [[name = "", request] = []] = Object.entries(call)
        const end = engine[name as "confirm"]
        const outcome = await withinTransaction(shop, (tx) => end(toWireId(id), request, { tx }))
        expect(outcome).toEqual({ outcome: "reservation_revoked", id: toWireId(id) })
      }
    }))

  test("is not said to be unknown while it may have been lost, also by whoever wants to replace it", () =>
    scene(5, 5, async ({ shop, service, engine }) => {
      const replaces = toWireId(createIds().next(0))
      const replace = () =>
        engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], customerId: "c-1", replaces })
      const shard = service.hotPath.shards[shardOf("MUG")] ?? never()
      const [meta = ""] = shard.keys.all
      await shard.send(meta, "DEL", meta)
      await expect(replace()).rejects.toMatchObject({ code: "unavailable", notApplied: true })
      const confirmed = withinTransaction(shop, (tx) => engine.confirm(replaces, {}, { tx }))
      await expect(confirmed).rejects.toMatchObject({ code: "unavailable", notApplied: true })
      await service.hotPath.keeper().pass()
    }))
})

async function withinTransaction<T>(
  { pool }: HotShop,
  work: (tx: CallerTransaction) => Promise<T>,
): Promise<T> {
  const tx = await pool.connect()
  try {
    await tx.query("begin")
    const result = await work(tx)
    await tx.query("commit")
    return result
  } finally {
    // Whatever is left open ends with it.
    tx.release(true)
  }
}

function never(): never {
  throw new Error("this cannot be missing")
}
