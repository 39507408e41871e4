/** Events in a stream of Redis: all of them in order, whatever becomes of the server and of the way there. */
import { setTimeout as pause } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { Sink } from "../../src/engine/sink.ts"
import { openStreamSink } from "../../src/redis/stream-sink.ts"
import { startCluster } from "../support/redis-cluster.ts"
import { PERSISTENT, type RedisSettings, TestRedis } from "../support/redis-server.ts"
import { deliverAll, expectSameOrder, firstByKey, idsBySku, makeEvents } from "../support/sink-events.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

const KEY = "earmark:events"
const EVENTS = 20_000
/** More than any of these tests appends. */
const UNBOUNDED = 1_000_000
/** Between the tries of a relay. */
const RETRY_MS = 20

/** Nothing that was acknowledged is lost when it is killed. */
const SYNCED: RedisSettings = { ...PERSISTENT, appendfsync: "always" }

interface Entry {
  readonly id: string
  readonly type: string
  readonly event: EarmarkEvent
}

test("20,000 events arrive in order, though the server is killed and answers are lost", async () => {
  const redis = await startRedis(SYNCED)
  const proxy = await TcpProxy.forTest(redis.port)
  const sink = await openSink(proxy.url("redis"))
  const events = makeEvents(EVENTS)
  let rejected = 0
  let answerLost = false
  const refused = await deliverAll(sink, events, {
    async before(page) {
      if (page === 5 && rejected === 0) await redis.kill()
      if (page === 12 && !answerLost) {
        answerLost = true
        proxy.loseNextAnswer()
      }
    },
    async onRejected() {
      rejected += 1
      if (rejected === 1) await redis.restart()
      await pause(RETRY_MS)
    },
  })
  expect(refused).toEqual([])
  const entries = await entriesOf(redis)
  expectInOrder(entries, events)
  // The part whose answer was lost came twice.
  expect(entries.length).toBeGreaterThan(EVENTS)
})

test("whoever is not let in is told so, and goes on once the password is the right one", async () => {
  const redis = await startRedis({ ...PERSISTENT, requirepass: "right" })
  const sink = await openSink(redis.url.replace("right", "wrong"))
  await expect(sink.deliver(makeEvents(1))).rejects.toThrow(/^There is no connection to Redis: WRONGPASS/)
  await redis.command("CONFIG", "SET", "requirepass", "wrong")
  await expect.poll(() => sink.deliver(makeEvents(1)).catch(String), { timeout: 20_000 }).toEqual([])
})

test("an entry is an event with its id and type beside it", async () => {
  const redis = await startRedis(PERSISTENT)
  const sink = await openSink(redis.url)
  const events = makeEvents(3)
  expect(await sink.deliver(events)).toEqual([])
  expect(await sink.deliver([])).toEqual([])
  expect(await entriesOf(redis)).toEqual(events.map((event) => ({ id: event.id, type: event.type, event })))
})

test("a stream keeps about as many entries as it is to", async () => {
  const redis = await startRedis(PERSISTENT)
  const sink = await openSink(redis.url, 2000)
  const events = makeEvents(6000)
  await deliverAll(sink, events, { onRejected: (error) => Promise.reject(error) })
  const entries = await entriesOf(redis)
  expect(entries.length).toBeGreaterThanOrEqual(2000)
  // Redis drops whole nodes, of a hundred entries at most.
  expect(entries.length).toBeLessThanOrEqual(2100)
  expectInOrder(entries, events.slice(-entries.length))
})

test.each<[string, (redis: TestRedis) => Promise<unknown>, (redis: TestRedis) => Promise<unknown>]>([
  [
    "has no memory left",
    (redis) => redis.command("CONFIG", "SET", "maxmemory", "1"),
    (redis) => redis.command("CONFIG", "SET", "maxmemory", "0"),
  ],
  [
    "is a replica",
    (redis) => redis.command("REPLICAOF", "127.0.0.1", "1"),
    (redis) => redis.command("REPLICAOF", "NO", "ONE"),
  ],
  [
    "has something else under the key",
    (redis) => redis.command("SET", KEY, "mine"),
    (redis) => redis.command("DEL", KEY),
  ],
])("a server that %s counts as away, and takes the same events later", async (_, hinder, mend) => {
  const redis = await startRedis(PERSISTENT)
  const sink = await openSink(redis.url)
  const events = makeEvents(700)
  await hinder(redis)
  await expect(sink.deliver(events)).rejects.toThrow()
  await mend(redis)
  expect(await sink.deliver(events)).toEqual([])
  expect((await entriesOf(redis)).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
})

test("a server that is not there yet takes events once it is", async () => {
  const redis = await startRedis(PERSISTENT)
  await redis.stop()
  const sink = await openSink(redis.url)
  const events = makeEvents(10)
  await expect(sink.deliver(events)).rejects.toThrow("no connection")
  await redis.restart()
  await deliverAll(sink, events, { onRejected: () => pause(RETRY_MS) })
  expect((await entriesOf(redis)).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
})

test("a member of a cluster that has the key takes the events, also after it was promoted", async () => {
  const { url, primaries, replicas } = await startCluster()
  const sink = await openSink(url)
  const events = makeEvents(3000)
  let rejected = 0
  const slot = Number(await primaries[0]?.command("CLUSTER", "KEYSLOT", KEY))
  const owner = Math.floor((slot * primaries.length) / 16_384)
  await deliverAll(sink, events, {
    async before(page) {
      if (page !== 1 || rejected > 0) return
      // What it has acknowledged reaches its replica a moment later.
      await primaries[owner]?.command("WAIT", "1", "5000")
      await primaries[owner]?.kill()
    },
    async onRejected() {
      rejected += 1
      await pause(RETRY_MS)
    },
  })
  expect(rejected).toBeGreaterThan(0)
  const replica = replicas[owner] as TestRedis
  expectInOrder(await entriesOf(replica), events)
})

async function startRedis(settings: RedisSettings): Promise<TestRedis> {
  const redis = await TestRedis.start(settings)
  onTestFinished(() => redis.remove())
  return redis
}

async function openSink(url: string, entriesMax = UNBOUNDED): Promise<Sink> {
  const sink = await openStreamSink({ url, key: KEY, entriesMax })
  onTestFinished(() => sink.close())
  return sink
}

async function entriesOf(redis: TestRedis): Promise<Entry[]> {
  const reply = (await redis.command("XRANGE", KEY, "-", "+")) as [string, string[]][]
  return reply.map(([, fields]) => {
    const [, id = "", , type = "", , event = ""] = fields
    expect([fields[0], fields[2], fields[4]]).toEqual(["id", "type", "event"])
    return { id, type, event: JSON.parse(event) as EarmarkEvent }
  })
}

/** One stream is one order: that of the feed. */
function expectInOrder(entries: readonly Entry[], events: readonly EarmarkEvent[]): void {
  const told = firstByKey(entries.map(({ id }) => ({ key: KEY, id })))
  expectSameOrder(told, new Map([[KEY, events.map(({ id }) => id)]]))
  expectSameOrder(idsBySku(unique(entries)), idsBySku(events))
}

function unique(entries: readonly Entry[]): EarmarkEvent[] {
  return [...new Map(entries.map(({ id, event }) => [id, event])).values()]
}
