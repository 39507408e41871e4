/** Redis loses things in the middle of a sale: nothing is oversold, and what was lost is revoked one by one. */

import { randomUUID } from "node:crypto"
import { copyFile, mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { describe, expect, onTestFinished, test } from "vitest"
import { EarmarkError, type Engine } from "../../src/index.ts"
import { readDeadLetters } from "../../src/redis/dead-letters.ts"
import { GROUP, shardOf } from "../../src/redis/keys.ts"
import { expectDrains } from "../support/drain.ts"
import { stock } from "../support/engine.ts"
import { FeedReader } from "../support/feed-reader.ts"
import { eventually, HotShop, type Service } from "../support/hot-shop.ts"
import { PERSISTENT, type RedisSettings, SNAPSHOTS_ONLY, TestRedis } from "../support/redis-server.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

const UNITS = 12_000
const READY = 1000
const BUYERS = 8
/** Of what is left when everything is over, which takes most of the time otherwise. */
const AT_ONCE = 200

interface Sale {
  readonly shop: HotShop
  readonly services: readonly Service[]
  readonly reader: FeedReader
  /** Ids that were answered, with their key and whether they were confirmed. */
  readonly answered: Map<string, { readonly key: string; readonly confirmed: boolean }>
  /** Answers that were no reservation, by code. */
  readonly refused: Map<string, number>
  stop(): Promise<void>
}

async function openSale(redisUrl: string, { workers = true, giveUpMs = 60_000 } = {}): Promise<Sale> {
  const shop = await HotShop.open({ redisUrl, giveUpMs, idleMs: 500 })
  const services = [await shop.service(), await shop.service()]
  const [first] = services as [Service]
  await stock(first.engine, "MUG", { LAX: UNITS })
  await shop.heat("MUG", READY)
  await shop.openShards(first)
  const reader = await FeedReader.at(first.engine, 500)
  if (workers) for (const service of services) shop.work(service)
  const answered: Sale["answered"] = new Map()
  const refused: Sale["refused"] = new Map()
  let selling = true
  const buyers = services.flatMap(({ engine }) =>
    Array.from({ length: BUYERS / 2 }, async (_, index) => {
      while (selling) {
        await buy(engine, { answered, refused, confirms: index % 2 === 0 })
        await pause(2)
      }
    }),
  )
  const stop = async () => {
    selling = false
    await Promise.all(buyers)
  }
  return { shop, services, reader, answered, refused, stop }
}

/** A buyer sends his request again, with its key, until it is answered; some do so although it was. */
const SENDS_MAX = 4

async function buy(
  engine: Engine,
  { answered, refused, confirms }: Pick<Sale, "answered" | "refused"> & { confirms: boolean },
): Promise<void> {
  const key = randomUUID()
  for (let sends = 0; sends < SENDS_MAX; sends += 1) {
    try {
      const outcome = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }], idempotencyKey: key })
      if (!("reservation" in outcome)) {
        refused.set(outcome.outcome, (refused.get(outcome.outcome) ?? 0) + 1)
        return
      }
      const { id } = outcome.reservation
      if (!answered.has(id)) answered.set(id, { key, confirmed: false })
      if (!confirms && sends === 0) continue
      if (confirms && (await engine.confirm(id)).outcome === "confirmed") {
        answered.set(id, { key, confirmed: true })
      }
      return
    } catch (error) {
      if (!(error instanceof EarmarkError)) throw error
      refused.set(error.code, (refused.get(error.code) ?? 0) + 1)
    }
  }
}

/** A key makes at most one reservation; what it made and Redis lost, it may make again. */
function expectOneOfEachKey({ answered }: Sale, revoked: ReadonlySet<string>): void {
  const kept = [...answered].filter(([id]) => !revoked.has(uuidOf(id)))
  expect(new Set(kept.map(([, { key }]) => key)).size).toBe(kept.length)
}

/** After the fault: the sale recovers, the laws hold, every answer is kept or revoked, and no unit is lost or invented. */
async function expectKept(sale: Sale): Promise<{ revoked: number }> {
  const { shop, services, reader, answered, stop } = sale
  const [{ engine, hotPath } = never()] = services
  const before = answered.size
  await eventually(async () => answered.size > before + 50, "the sale goes on")
  await stop()
  await eventually(
    async () => services.every((service) => service.hotPath.outstanding() === 0),
    "nothing is open",
  )
  const revoked = new Set(await shop.revokedIds())
  const lost = await shop.revokedIds("lost")
  const answeredIds = new Set([...answered.keys()].map(uuidOf))
  const expectStands = async (id: string, { confirmed }: { readonly confirmed: boolean }) => {
    const found = await engine.reservation(id).catch(codeOf)
    expect(found === "reservation_revoked", id).toBe(revoked.has(uuidOf(id)))
    if (confirmed) expect(found, "what is confirmed is durable").toMatchObject({ state: "confirmed" })
    expect(found, id).not.toBeNull()
  }
  await Promise.all([...answered].map(([id, was]) => expectStands(id, was)))
  // Counted as often as acknowledged, by whoever had acknowledged it.
  expect(lost.filter((id) => !answeredIds.has(id))).toEqual([])
  expect(services.flatMap((service) => service.lost).toSorted()).toEqual(lost)
  await shop.expectRevocationsTold(reader)
  expectOneOfEachKey(sale, revoked)
  const sold = [...answered.values()].filter(({ confirmed }) => confirmed).length
  const { onHand = 0 } = (await engine.availability("MUG")) ?? {}
  expect(onHand).toBe(UNITS - sold)
  await engine.setHot({ sku: "MUG", target: 0 })
  await eventually(async () => (await engine.hotItems()).length === 0, "everything is back")
  await expectDrains(engine, "MUG", onHand, { atOnce: AT_ONCE })
  expect(hotPath.outstanding()).toBe(0)
  await shop.close()
  // A twin that came after its key was settled may be revoked before it is given back: nobody was told of that one.
  return { revoked: [...answeredIds].filter((id) => revoked.has(id)).length }
}

const codeOf = (error: unknown) => (error instanceof EarmarkError ? error.code : String(error))
const uuidOf = (id: string) => id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

function never(): never {
  throw new Error("this cannot be missing")
}

async function redisForTest(settings: RedisSettings = PERSISTENT): Promise<TestRedis> {
  const redis = await TestRedis.start(settings)
  onTestFinished(() => redis.remove())
  return redis
}

describe("in the middle of a sale", () => {
  test("FLUSHALL, with nobody to persist: what was answered and is gone is revoked", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url, { workers: false })
    await eventually(async () => sale.answered.size > 100, "the sale is on")
    await redis.command("FLUSHALL")
    // Services notice it before any worker does, and must not take "gone" for "persisted".
    await pause(1500)
    for (const service of sale.services) sale.shop.work(service)
    const { revoked } = await expectKept(sale)
    expect(revoked).toBeGreaterThan(0)
  })

  test("FLUSHALL again and again, while workers persist", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    for (let count = 0; count < 2; count += 1) {
      await pause(700)
      await redis.command("FLUSHALL")
    }
    await expectKept(sale)
  })

  test("kill -9 with an append-only file", async () => {
    const redis = await redisForTest({ ...PERSISTENT, appendfsync: "always" })
    const sale = await openSale(redis.url, { workers: false })
    await eventually(async () => sale.answered.size > 100, "the sale is on")
    await redis.kill()
    await pause(300)
    await redis.restart()
    for (const service of sale.services) sale.shop.work(service)
    const { revoked } = await expectKept(sale)
    // Every grant was on disk before it was answered.
    expect(revoked).toBe(0)
  })

  test("kill -9 without one", async () => {
    const redis = await redisForTest(SNAPSHOTS_ONLY)
    const sale = await openSale(redis.url, { workers: false })
    await eventually(async () => sale.answered.size > 100, "the sale is on")
    await redis.kill()
    await redis.restart()
    for (const service of sale.services) sale.shop.work(service)
    const { revoked } = await expectKept(sale)
    expect(revoked).toBeGreaterThan(0)
  })

  test("an old copy is put back", async () => {
    const redis = await redisForTest(SNAPSHOTS_ONLY)
    const sale = await openSale(redis.url)
    await eventually(async () => sale.answered.size > 50, "the sale is on")
    const copy = await redis.saveCopy()
    await pause(500)
    await redis.kill()
    await copyFile(copy, join(redis.dir, "dump.rdb"))
    await redis.restart()
    await expectKept(sale)
  })

  test("a replica is promoted, which had not everything", async () => {
    const [primary, replica] = [await redisForTest(PERSISTENT), await redisForTest(PERSISTENT)]
    const proxy = await TcpProxy.forTest(primary.port)
    const replication = await TcpProxy.forTest(primary.port)
    await replica.command("REPLICAOF", "127.0.0.1", String(replication.port))
    await eventually(
      async () => String(await replica.command("INFO", "replication")).includes("link_status:up"),
      "a replica",
    )
    const sale = await openSale(proxy.url("redis"), { workers: false })
    await eventually(async () => sale.answered.size > 100, "the sale is on")
    // The replica hears nothing any more, then the primary dies.
    replication.silence()
    const before = sale.answered.size
    await eventually(async () => sale.answered.size > before + 50, "the sale goes on")
    await primary.kill()
    await replica.command("REPLICAOF", "NO", "ONE")
    proxy.target = replica.port
    for (const service of sale.services) sale.shop.work(service)
    const { revoked } = await expectKept(sale)
    expect(revoked).toBeGreaterThan(0)
  })

  test("SCRIPT FLUSH, ten times a second", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    for (let count = 0; count < 30; count += 1) {
      await redis.command("SCRIPT", "FLUSH")
      await pause(100)
    }
    const { revoked } = await expectKept(sale)
    expect(revoked).toBe(0)
  })

  test("answers are cut off after the script ran", async () => {
    const redis = await redisForTest(PERSISTENT)
    const proxy = await TcpProxy.forTest(redis.port)
    const sale = await openSale(proxy.url("redis"))
    for (let count = 0; count < 20; count += 1) {
      await pause(50)
      proxy.cutAnswers()
    }
    const { revoked } = await expectKept(sale)
    expect(revoked).toBe(0)
  })

  test("its memory is full for a while", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    await eventually(async () => sale.answered.size > 50, "the sale is on")
    await redis.command("CONFIG", "SET", "maxmemory", "1")
    const before = sale.answered.size
    await eventually(async () => sale.answered.size > before + 50, "Postgres sells")
    await redis.command("CONFIG", "SET", "maxmemory", "0")
    const { revoked } = await expectKept(sale)
    expect(revoked).toBe(0)
  })

  test("its disk cannot be written for a while", async () => {
    const redis = await redisForTest(SNAPSHOTS_ONLY)
    const sale = await openSale(redis.url)
    await eventually(async () => sale.answered.size > 50, "the sale is on")
    const snapshot = join(redis.dir, "dump.rdb")
    const saves = async (status: string) => {
      await redis.command("BGSAVE").catch(() => {})
      await eventually(
        async () => String(await redis.command("INFO", "persistence")).includes(`bgsave_status:${status}`),
        `it says ${status}`,
      )
    }
    // A file cannot take the place of a folder.
    await rm(snapshot, { force: true })
    await mkdir(snapshot)
    await saves("err")
    await expect(redis.command("SET", "anything", "1")).rejects.toThrow("MISCONF")
    const before = sale.answered.size
    await eventually(async () => sale.answered.size > before + 50, "Postgres sells")
    await rm(snapshot, { recursive: true })
    await saves("ok")
    const { revoked } = await expectKept(sale)
    expect(revoked).toBe(0)
  })

  test("entries come twice and in another order, others cannot be read, and the group is destroyed", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    const shard = sale.services[0]?.hotPath.shards[shardOf("MUG")] ?? never()
    const { stream } = shard.keys
    for (let count = 0; count < 10; count += 1) {
      // Not all of them: copies of copies would outrun the workers of a slow machine.
      const newest = await shard.send(stream, "XREVRANGE", stream, "+", "-", "COUNT", "10")
      for (const [, fields] of newest as [string, string[]][]) {
        if (fields[0] === "ids") await shard.send(stream, "XADD", stream, "*", ...fields)
      }
      await shard.send(stream, "XADD", stream, "*", "nothing", "of ours")
      if (count % 3 === 0) await shard.send(stream, "XGROUP", "DESTROY", stream, GROUP)
      await pause(100)
    }
    await eventually(
      async () => (await readDeadLetters(shard)).length >= 10,
      "what cannot be read is put aside",
    )
    expect(await readDeadLetters(shard)).toHaveLength(10)
    const { revoked } = await expectKept(sale)
    expect(revoked).toBe(0)
  })

  test("it loses everything while its memory is full", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    await eventually(async () => sale.answered.size > 50, "the sale is on")
    await redis.command("CONFIG", "SET", "maxmemory", "1")
    await redis.command("FLUSHALL")
    const [{ hotPath } = never()] = sale.services
    const shard = shardOf("MUG")
    await eventually(async () => hotPath.hot.epochOf(shard) === 2, "it begins anew all the same")
    await redis.command("CONFIG", "SET", "maxmemory", "0")
    await expectKept(sale)
  })

  test("it hangs for a while", async () => {
    const redis = await redisForTest(PERSISTENT)
    const sale = await openSale(redis.url)
    await eventually(async () => sale.answered.size > 50, "the sale is on")
    redis.freeze()
    await pause(3000)
    redis.thaw()
    await expectKept(sale)
  })

  test("Redis stays away: its units are sold by Postgres, until it is back", async () => {
    const redis = await redisForTest({ ...PERSISTENT, appendfsync: "always" })
    const sale = await openSale(redis.url, { giveUpMs: 1000 })
    await pause(500)
    await redis.kill()
    const [{ engine } = never()] = sale.services
    await eventually(
      async () => (await engine.hotItems())[0]?.locations.every(({ allotted }) => allotted === 0) ?? false,
      "Postgres has everything back",
    )
    const before = sale.answered.size
    await eventually(async () => sale.answered.size > before + 50, "Postgres sells")
    await redis.restart()
    await expectKept(sale)
  })
})

test("a service starts while Redis is away, sells from Postgres, and from Redis once it is there", async () => {
  const redis = await redisForTest(PERSISTENT)
  await redis.kill()
  const shop = await HotShop.open({ redisUrl: redis.url })
  const warnings: string[] = []
  const service = await shop.service({ onWarning: (warning) => warnings.push(warning) })
  const { engine } = service
  await stock(engine, "MUG", { LAX: UNITS })
  await shop.heat("MUG", 10)
  const reserve = () => engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  expect(await reserve()).toMatchObject({ outcome: "reserved", reservation: { durability: "durable" } })
  await redis.restart()
  shop.work(service)
  await eventually(async () => {
    const outcome = await reserve()
    return "reservation" in outcome && outcome.reservation.durability === "provisional"
  }, "Redis grants")
  expect(warnings).toEqual([expect.stringContaining("Redis cannot be reached"), "Redis is reached"])
  await eventually(async () => service.hotPath.outstanding() === 0, "all is persisted")
  await expectDrains(engine, "MUG", UNITS)
  await shop.close()
})
