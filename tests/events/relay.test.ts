/** A sink is told of everything, in order, whenever its relay dies, whoever else relays, and whatever becomes of other sinks. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { EventFeed } from "../../src/engine/event-feed.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import type { RefusedEvent, Sink } from "../../src/engine/sink.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { decodeCursor } from "../../src/events/cursor.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { Relay } from "../../src/events/relay.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { RELAY_STEPS, runRelay } from "../support/dying-relay-process.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"
import { readFileSink } from "../support/file-sink.ts"

let t: TestEngine
let feed: EventFeed
let sinks: SinkStore
let start: string
beforeEach(async () => {
  t = await createTestEngine()
  const database = { pool: t.pool, schema: "earmark", observer: SILENT_OBSERVER }
  feed = createEventFeed(createFeedStore(database), "/earmark")
  sinks = createSinkStore(database)
  await stock(t.engine, "MUG", { LAX: 1000 })
  start = await feed.now()
  await sinks.open("test", start)
})
afterEach(() => t.close())

class RecordingSink implements Sink {
  readonly name: string
  readonly told: string[] = []
  /** What it does before it takes events; those that it refuses. */
  first: ((events: readonly EarmarkEvent[]) => Promise<readonly RefusedEvent[]>) | null = null

  constructor(name = "test") {
    this.name = name
  }

  async deliver(events: readonly EarmarkEvent[]): Promise<readonly RefusedEvent[]> {
    const refused = (await this.first?.(events)) ?? []
    const isRefused = new Set(refused.map(({ event }) => event))
    for (const event of events) if (!isRefused.has(event)) this.told.push(event.id)
    return refused
  }

  async close(): Promise<void> {}
}

function relayTo(sink: Sink): Relay {
  return new Relay({ feed, sinks, sink })
}

async function sell(sales: number): Promise<void> {
  for (let sale = 0; sale < sales; sale += 1) await t.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
}

/** The ids of all events since the start, in order. */
async function everything(): Promise<string[]> {
  return (await feed.page({ after: start, limit: 100_000 })).events.map(({ event }) => event.id)
}

async function relayAll(relay: Relay): Promise<void> {
  while (await relay.pass()) {
    // Until there is no more.
  }
}

/** With a look at what was asked of it, which it takes every few seconds else. */
async function relayAfresh(relay: Relay): Promise<void> {
  await relay.stop()
  await relayAll(relay)
}

/** As if the time had passed after which a relay is taken for dead. */
async function letClaimsEnd(): Promise<void> {
  await t.pool.query("update earmark.sinks set claimed_until = clock_timestamp()")
}

test("each event once, in order, when nothing goes wrong", async () => {
  const sink = new RecordingSink()
  const relay = relayTo(sink)
  await sell(10)
  await relayAll(relay)
  await sell(5)
  await relayAll(relay)
  expect(sink.told).toEqual(await everything())
  expect(sink.told).toHaveLength(15)
})

test("what comes next ends where the events of a statement do, also after a place within them", async () => {
  await Promise.all(Array.from({ length: 30 }, () => sell(1)))
  const { nextCursor: within } = await feed.page({ after: start, limit: 3 })
  expect(decodeCursor(within).partial).not.toBeNull()
  const ids: string[] = []
  let cursor = within
  for (let isAll = false; !isAll; ) {
    const page = await feed.next(cursor, 10)
    ids.push(...page.events.map(({ event }) => event.id))
    cursor = page.nextCursor
    isAll = page.isAll
    expect(decodeCursor(cursor).partial).toBeNull()
  }
  expect(ids).toEqual((await everything()).slice(3))
})

test.each(RELAY_STEPS)(
  "a relay is killed (%s): the next one goes on, and nothing is missing",
  async (step) => {
    const folder = mkdtempSync(join(tmpdir(), "earmark-relay-"))
    try {
      await sell(20)
      const plan = { url: t.url, sink: "test", path: join(folder, "told"), pageMax: 6 }
      expect(await runRelay({ ...plan, step })).toBe("SIGKILL")
      await letClaimsEnd()
      expect(await runRelay({ ...plan, step: null })).toBe(null)
      const told = readFileSink(plan.path)
      expect([...new Set(told)]).toEqual(await everything())
      // Again comes at most the page that was under way.
      expect(told.length - new Set(told).size).toBeLessThanOrEqual(plan.pageMax)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test("of two relays one has the sink, and the other takes over when it stops or is not heard of", async () => {
  const [sink, other] = [new RecordingSink(), new RecordingSink()]
  const [relay, otherRelay] = [relayTo(sink), relayTo(other)]
  await sell(5)
  await relayAll(relay)
  await sell(5)
  await relayAll(otherRelay)
  expect(other.told).toEqual([])
  await relay.stop()
  await relayAll(otherRelay)
  await sell(5)
  await relayAll(relay)
  expect(sink.told).toHaveLength(5)
  await letClaimsEnd()
  await relayAll(relay)
  expect([...sink.told.slice(0, 5), ...other.told, ...sink.told.slice(5)]).toEqual(await everything())
})

test("two relays at once, while many write: each event once, in order", async () => {
  const told: string[] = []
  const both = [new RecordingSink(), new RecordingSink()]
  for (const sink of both) {
    sink.first = async (events) => {
      told.push(...events.map(({ id }) => id))
      return []
    }
  }
  let isSelling = true
  const relaying = both.map(async (sink) => {
    const relay = relayTo(sink)
    while (isSelling) {
      await relayAll(relay)
      await relay.stop()
    }
  })
  await Promise.all(Array.from({ length: 10 }, () => sell(20)))
  isSelling = false
  await Promise.all(relaying)
  const last = new RecordingSink()
  await relayAll(relayTo(last))
  expect([...told, ...last.told]).toEqual(await everything())
  expect(told.length + last.told.length).toBe(200)
})

test("a relay that was taken for dead while it handed on does not move what is another's by then", async () => {
  const [slow, sink] = [new RecordingSink(), new RecordingSink()]
  const relay = relayTo(sink)
  await sell(5)
  slow.first = async () => {
    await letClaimsEnd()
    await relayAll(relay)
    await sell(5)
    await relayAll(relay)
    return []
  }
  await relayTo(slow).pass()
  await relayAll(relay)
  expect([...new Set(sink.told)]).toEqual(await everything())
  expect(sink.told).toHaveLength(10)
})

test("a sink that is away delays no other, says why, and is told everything when it is back", async () => {
  const [away, sink] = [new RecordingSink("away"), new RecordingSink()]
  await sinks.open("away", start)
  away.first = () => Promise.reject(new Error("nobody is there"))
  await sell(5)
  const relay = relayTo(away)
  await expect(relay.pass()).rejects.toThrow("nobody is there")
  await expect(relay.pass()).rejects.toThrow("nobody is there")
  await relayAll(relayTo(sink))
  expect(sink.told).toHaveLength(5)
  expect(await sinks.list()).toMatchObject([
    { name: "away", failure: { reason: "nobody is there", times: 2 } },
    { name: "test", failure: null },
  ])
  away.first = null
  await relayAll(relay)
  expect(away.told).toEqual(sink.told)
  expect((await sinks.list())[0]?.failure).toBe(null)
})

test("what a sink refuses is kept, does not stop the rest, and is handed on again when asked for", async () => {
  const sink = new RecordingSink()
  const relay = relayTo(sink)
  await sell(3)
  sink.first = async ([, second]) => (second ? [{ event: second, reason: "too large" }] : [])
  await relayAfresh(relay)
  expect(sink.told).toHaveLength(2)
  const [dead] = await sinks.deadEvents({ sink: "test" })
  expect(dead).toMatchObject({ sink: "test", reason: "too large", event: { id: (await everything())[1] } })
  await relayAfresh(relay)
  expect(sink.told).toHaveLength(2)

  sink.first = async ([event]) => (event ? [{ event, reason: "still too large" }] : [])
  expect(await sinks.askAgain({ sink: "test" })).toBe(1)
  await relayAfresh(relay)
  expect(await sinks.deadEvents({})).toMatchObject([{ id: dead?.id, reason: "still too large" }])

  sink.first = null
  await sinks.askAgain({ ids: [dead?.id ?? 0] })
  await relayAfresh(relay)
  expect(await sinks.deadEvents({})).toEqual([])
  expect(sink.told.at(-1)).toBe(dead?.event.id)
})

test("begins again also when it was told so while a page was handed on, and the claim renewed after that", async () => {
  const sink = new RecordingSink()
  let owner = ""
  const store: SinkStore = {
    ...sinks,
    claim(name, claimedBy) {
      owner = claimedBy
      return sinks.claim(name, claimedBy)
    },
  }
  const relay = new Relay({ feed, sinks: store, sink })
  await sell(3)
  await relayAll(relay)
  await sell(3)
  sink.first = async () => {
    sink.first = null
    await sinks.reset("test", start)
    // As every few seconds, while the sink takes its time.
    await sinks.claim("test", owner)
    return []
  }
  await relayAll(relay)
  await relayAll(relay)
  const all = await everything()
  expect(sink.told).toEqual([...all, ...all])
})

test("begins again from wherever an operator says", async () => {
  const sink = new RecordingSink()
  const relay = relayTo(sink)
  await sell(3)
  await relayAfresh(relay)
  expect(await sinks.reset("test", start)).toBe(true)
  expect(await sinks.reset("unknown", start)).toBe(false)
  await relayAfresh(relay)
  expect(sink.told).toEqual([...(await everything()), ...(await everything())])
})
