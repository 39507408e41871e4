/** What may happen to stream entries on their way to Postgres: each grant becomes one hold, whatever it is. */
import { setTimeout as pause } from "node:timers/promises"
import { beforeAll, expect, onTestFinished, test } from "vitest"
import type { Engine } from "../../src/index.ts"
import { readDeadLetters } from "../../src/redis/dead-letters.ts"
import { GROUP, shardOf } from "../../src/redis/keys.ts"
import { loadScript } from "../../src/redis/script.ts"
import { RedisAway, type RedisServer } from "../../src/redis/server.ts"
import type { Shard } from "../../src/redis/shard.ts"
import { expectDrains } from "../support/drain.ts"
import { stock } from "../support/engine.ts"
import { FaultProxy } from "../support/fault-proxy.ts"
import { eventually, HotShop, type Service } from "../support/hot-shop.ts"
import { WorkerProcess } from "../support/hot-worker-process.ts"
import { TestRedis } from "../support/redis-server.ts"

const UNITS = 400
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
}

async function scene(use: (scene: Scene) => Promise<void>): Promise<void> {
  const shop = await HotShop.open({ redisUrl: redis.url, idleMs: 200 })
  const service = await shop.service()
  await stock(service.engine, "MUG", { LAX: UNITS })
  await shop.heat("MUG", UNITS)
  await shop.openShards(service)
  const shard = service.hotPath.shards[shardOf("MUG")]
  if (!shard) throw new Error("there is no such shard")
  await use({ shop, service, engine: service.engine, shard })
  await expectDrains(service.engine, "MUG", UNITS)
  await shop.close()
}

/** One entry for each: they do not come at once. */
async function grant(engine: Engine, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let made = 0; made < count; made += 1) {
    const outcome = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
    if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
    expect(outcome.reservation.durability).toBe("provisional")
    ids.push(outcome.reservation.id)
  }
  return ids
}

const isPersisted = (service: Service, shard: Shard) => async () => {
  const { grants, entries } = await shard.status(service.hotPath.hot.epochOf(shard.number) ?? 0)
  return grants === 0 && entries === 0
}

/** Fails the call of that script as often as told, before or after it has run. */
function failing(name: string, when: "before" | "after") {
  const { sha1 } = loadScript(name)
  const state = { left: 0 }
  const wrapServer = (server: RedisServer): RedisServer => ({
    close: () => server.close(),
    async send(key, args) {
      const fails = args[1] === sha1 && state.left > 0
      if (fails) state.left -= 1
      if (fails && when === "before") throw new RedisAway("told to")
      const reply = await server.send(key, args)
      if (fails) throw new RedisAway("told to")
      return reply
    },
  })
  return { state, wrapServer }
}

test.each(["before", "after"] as const)(
  "a worker that dies just %s its acknowledgement has committed, and is followed by another",
  (when) =>
    scene(async ({ shop, service, engine, shard }) => {
      await grant(engine, 5)
      const { state, wrapServer } = failing("settle", when)
      const dying = await shop.service({ wrapServer })
      state.left = Number.POSITIVE_INFINITY
      const worker = shop.work(dying)
      await eventually(
        async () => (await engine.reservations({ sku: "MUG" })).data.length === 5,
        "it commits",
      )
      await worker.stop()
      shop.work(service)
      await eventually(isPersisted(service, shard), "all is settled")
      expect(await engine.availability("MUG")).toMatchObject({ held: 5 })
    }),
)

test.each([
  ["before its commit", "request", false],
  ["between its commit and its acknowledgement", "answer", true],
] as const)(
  "a worker that is killed %s, in the middle of a sale, is followed by another",
  (_, loss, isKept) =>
    scene(async ({ shop, service, engine, shard }) => {
      const proxy = await FaultProxy.open(shop.url)
      onTestFinished(() => proxy.close())
      await grant(engine, 5)
      // All that it will ever commit: whatever it tries again is refused.
      const lost = proxy.loseCommit(loss, { thenRefuse: true })
      const worker = await WorkerProcess.start({
        url: proxy.url(shop.url),
        redisUrl: redis.url,
        idleMs: 200,
      })
      const selling = grant(engine, 20)
      await lost
      await worker.kill()
      const { data } = await engine.reservations({ sku: "MUG" })
      expect(data.length > 0).toBe(isKept)
      const { stream } = shard.keys
      const [pending] = (await shard.send(stream, "XPENDING", stream, GROUP)) as [number]
      expect(pending).toBeGreaterThan(0)
      await selling
      shop.work(service)
      await eventually(isPersisted(service, shard), "all is settled")
      expect(await engine.availability("MUG")).toMatchObject({ held: 25 })
    }),
)

test("workers in processes of their own are killed again and again in the middle of their work", () =>
  scene(async ({ shop, service, engine, shard }) => {
    const selling = grant(engine, 150)
    for (let kills = 0; kills < 4; kills += 1) {
      const worker = await WorkerProcess.start({ url: shop.url, redisUrl: redis.url, idleMs: 200 })
      await pause(20 + kills * 40)
      await worker.kill()
    }
    await selling
    shop.work(service)
    await eventually(isPersisted(service, shard), "all is settled")
    expect(await engine.availability("MUG")).toMatchObject({ held: 150 })
  }))

test("entries that come twice, and in another order, make one hold each", () =>
  scene(async ({ shop, service, engine, shard }) => {
    await grant(engine, 10)
    const { stream } = shard.keys
    const entries = (await shard.send(stream, "XRANGE", stream, "-", "+")) as [string, string[]][]
    for (const [, fields] of entries.toReversed()) await shard.send(stream, "XADD", stream, "*", ...fields)
    const both = entries.flatMap(([, fields]) => fields[1] ?? []).join(",")
    await shard.send(stream, "XADD", stream, "*", "ids", `${both},${both}`)
    shop.work(service)
    await eventually(isPersisted(service, shard), "all is settled")
    expect(await engine.availability("MUG")).toMatchObject({ held: 10 })
  }))

test("a poisoned entry is put aside, the rest goes on, and it is replayed once it is mended", () =>
  scene(async ({ shop, service, engine, shard }) => {
    const [poisoned = "", ...others] = await grant(engine, 5)
    const uuid = poisoned.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    const { stream, grants } = shard.keys
    const good = String(await shard.send(grants, "HGET", grants, uuid))
    await shard.send(grants, "HSET", grants, uuid, good.replace('"MUG"', '"NO-SUCH-ITEM"'))
    await shard.send(stream, "XADD", stream, "*", "nothing", "of ours")
    const worker = shop.work(service)
    await eventually(async () => (await readDeadLetters(shard)).length === 2, "both are put aside")
    const letters = await readDeadLetters(shard)
    expect(letters.map(({ ids }) => ids).toSorted()).toEqual([[], [poisoned]])
    for (const id of others) expect(await engine.reservation(id)).toMatchObject({ durability: "durable" })
    await shard.send(grants, "HSET", grants, uuid, good)
    expect(await service.hotPath.replay(shard)).toEqual({ persisted: 1, revoked: 0, empty: 1, failed: 0 })
    expect(await readDeadLetters(shard)).toEqual([])
    expect(await engine.reservation(poisoned)).toMatchObject({ durability: "durable" })
    await worker.stop()
  }))

test("a dead letter whose shard began anew is revoked, and replaying it says so", () =>
  scene(async ({ shop, service, engine, shard }) => {
    const [poisoned = ""] = await grant(engine, 1)
    const uuid = poisoned.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    const { grants } = shard.keys
    const good = String(await shard.send(grants, "HGET", grants, uuid))
    await shard.send(grants, "HSET", grants, uuid, good.replace('"MUG"', '"NO-SUCH-ITEM"'))
    const worker = shop.work(service)
    await eventually(async () => (await readDeadLetters(shard)).length === 1, "it is put aside")
    expect(await service.hotPath.rebuild(shard)).toMatchObject({ epoch: 2 })
    await expect(engine.reservation(poisoned)).rejects.toMatchObject({ code: "reservation_revoked" })
    expect(await shop.revokedIds("lost")).toEqual([uuid])
    expect(await service.hotPath.replay(shard)).toEqual({ persisted: 0, revoked: 1, empty: 0, failed: 0 })
    await worker.stop()
    await service.hotPath.allotter().pass()
  }))

test("an entry that is deleted behind our back is noticed, and its grant is persisted at its deadline at last", () =>
  scene(async ({ shop, service, engine, shard }) => {
    const outcome = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], ttlSeconds: 2 })
    expect(outcome).toMatchObject({ outcome: "reserved", reservation: { durability: "provisional" } })
    const { stream } = shard.keys
    await shard.send(stream, "XREADGROUP", "GROUP", GROUP, "dead", "STREAMS", stream, ">")
    const [[entry = ""] = []] = (await shard.send(stream, "XRANGE", stream, "-", "+")) as [string][]
    await shard.send(stream, "XDEL", stream, entry)
    await pause(300)
    const passes = await Promise.all(
      service.hotPath.workers({ consumer: "living", idleMs: 200 }).map((worker) => worker.pass()),
    )
    expect(passes.reduce((vanished, pass) => vanished + pass.vanished, 0)).toBe(1)
    shop.work(service)
    await eventually(isPersisted(service, shard), "it is persisted")
    if ("reservation" in outcome) {
      expect(await engine.reservation(outcome.reservation.id)).toMatchObject({ state: "expired" })
    }
  }))

test("a worker forgets those that are gone", () =>
  scene(async ({ service, shard }) => {
    const { stream } = shard.keys
    await shard.send(stream, "XGROUP", "CREATECONSUMER", stream, GROUP, "gone")
    const worker = service.hotPath.workers({ consumer: "living", idleMs: 10 })[shard.number]
    await eventually(async () => {
      await worker?.pass()
      const consumers = (await shard.send(stream, "XINFO", "CONSUMERS", stream, GROUP)) as string[][]
      return consumers.every(([, name]) => name === "living")
    }, "only the living are left")
  }))

test("a consumer that has something to finish is not forgotten with it", () =>
  scene(async ({ shop, service, engine, shard }) => {
    const { stream } = shard.keys
    await grant(engine, 1)
    await shard.send(stream, "XREADGROUP", "GROUP", GROUP, "busy", "COUNT", "1", "STREAMS", stream, ">")
    await shard.send(stream, "XGROUP", "CREATECONSUMER", stream, GROUP, "gone")
    expect(await shard.tidy(0)).toBe(1)
    expect(await shard.send(stream, "XPENDING", stream, GROUP)).toMatchObject({ 0: 1, 3: [["busy", "1"]] })
    shop.work(service)
    await eventually(isPersisted(service, shard), "it is persisted")
  }))

test("a consumer group that was destroyed is made again, and misses nothing", () =>
  scene(async ({ shop, service, engine, shard }) => {
    await grant(engine, 5)
    shop.work(service)
    const { stream } = shard.keys
    for (let count = 0; count < 5; count += 1) {
      await shard.send(stream, "XGROUP", "DESTROY", stream, GROUP)
      await grant(engine, 5)
    }
    await eventually(isPersisted(service, shard), "all is settled")
    expect(await engine.availability("MUG")).toMatchObject({ held: 30 })
  }))

test("an answer that is lost is found again, and nothing is granted twice", () =>
  scene(async ({ shop, service, shard }) => {
    for (const when of ["before", "after"] as const) {
      const { state, wrapServer } = failing("reserve", when)
      const { engine } = await shop.service({ wrapServer })
      state.left = 3
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })),
      )
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(10).fill("reserved"))
    }
    shop.work(service)
    await eventually(isPersisted(service, shard), "all is settled")
    expect(await service.engine.availability("MUG")).toMatchObject({ held: 20 })
  }))
