/** Over a cluster: items lie on different primaries, and one of them dies in the middle of a sale. */
import { setTimeout as pause } from "node:timers/promises"
import { expect, test } from "vitest"
import { EarmarkError, type Engine } from "../../src/index.ts"
import { SHARDS, shardOf } from "../../src/redis/keys.ts"
import type { Shard } from "../../src/redis/shard.ts"
import { expectDrains } from "../support/drain.ts"
import { stock } from "../support/engine.ts"
import { FeedReader } from "../support/feed-reader.ts"
import { eventually, HotShop } from "../support/hot-shop.ts"
import { startCluster, type TestCluster } from "../support/redis-cluster.ts"
import type { TestRedis } from "../support/redis-server.ts"

const UNITS = 1000
/** Between two requests of a buyer: the sale has to last until the replica was promoted, and beyond. */
const PAUSE_MS = 20
const SKUS = Array.from({ length: 6 }, (_, index) => `DROP-${index}`)

/** Six servers, a promotion, and six items that are drained. */
const timeout = 180_000

test("a primary is killed and its replica promoted: nothing is oversold, and what was lost is revoked", {
  timeout,
}, async () => {
  const cluster = await startCluster()
  const shop = await HotShop.open({ redisUrl: cluster.url, idleMs: 500, giveUpMs: 60_000 })
  const service = await shop.service()
  const { engine, hotPath } = service
  for (const sku of SKUS) {
    await stock(engine, sku, { LAX: UNITS })
    await shop.heat(sku, 200)
  }
  await shop.openShards(service)
  const reader = await FeedReader.at(engine, 500)
  expect(new Set(SKUS.map(shardOf)).size).toBeGreaterThan(1)
  shop.work(service)
  const answered: string[] = []
  let selling = true
  const buyers = SKUS.map(async (sku) => {
    while (selling) {
      await buy(engine, sku, answered)
      await pause(PAUSE_MS)
    }
  })
  await eventually(async () => answered.length > 100, "the sale is on")
  const [hit = ""] = SKUS
  await (await primaryOf(cluster, hotPath.shards[shardOf(hit)])).kill()
  const before = answered.length
  await eventually(async () => answered.length > before + 50, "the sale goes on")
  const isAnew = async () => (hotPath.hot.epochOf(shardOf(hit)) ?? 0) > 1
  await eventually(isAnew, "what was hit begins anew, with the replica", 30_000)
  const afterwards = answered.length
  await eventually(async () => answered.length > afterwards + 200, "the sale goes on")
  await eventually(async () => {
    await hotPath.hot.refresh()
    return Array.from({ length: SHARDS }, (_, shard) => hotPath.hot.epochOf(shard)).every(
      (epoch) => epoch !== null,
    )
  }, "every shard is open again")
  const epochs = Array.from({ length: SHARDS }, (_, shard) => hotPath.hot.epochOf(shard))
  expect(epochs, "the others were left alone").toContain(1)
  selling = false
  await Promise.all(buyers)
  await eventually(async () => hotPath.outstanding() === 0, "nothing is open")
  const revoked = await shop.revokedIds("lost")
  let missing = 0
  for (const id of answered) {
    const found = await engine.reservation(id).catch((error: unknown) => error)
    if (found instanceof EarmarkError) missing += 1
    expect(found, id).not.toBeNull()
  }
  expect(revoked).toHaveLength(missing)
  await shop.expectRevocationsTold(reader)
  for (const sku of SKUS) await engine.setHot({ sku, target: 0 })
  await eventually(async () => (await engine.hotItems()).length === 0, "everything is back")
  for (const sku of SKUS) await expectDrains(engine, sku, UNITS)
  await shop.close()
})

async function primaryOf({ primaries }: TestCluster, shard: Shard | undefined): Promise<TestRedis> {
  const key = shard?.keys.stream ?? ""
  for (const primary of primaries) {
    // The others say that it has moved.
    if (await primary.command("EXISTS", key).catch(() => false)) return primary
  }
  throw new Error(`no primary has ${key}`)
}

async function buy(engine: Engine, sku: string, answered: string[]): Promise<void> {
  try {
    const outcome = await engine.reserve({ lines: [{ sku, quantity: 1 }] })
    if (outcome.outcome === "reserved") answered.push(outcome.reservation.id)
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
  }
}
