/** `/v1/events/stream`: everything, in order and once, whatever becomes of the client, the server and the connection. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { listen } from "../../src/http/listen.ts"
import { createServer } from "../../src/http/server.ts"
import type { Engine } from "../../src/index.ts"
import { openEngine } from "../../src/library/open-engine.ts"
import { createMetrics } from "../../src/telemetry/metrics.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { invalid, webhooksOver } from "../http/service.ts"
import { openTransaction } from "../support/database.ts"
import { stock } from "../support/engine.ts"
import { type EventSourceOptions, TestEventSource } from "../support/event-source.ts"

const metrics = createMetrics()
let service: ListeningService
const sources: TestEventSource[] = []
const START = { metrics, heartbeatMs: 50, standstillMsMax: 60_000 }
beforeEach(async () => {
  service = await startListening(START)
  await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
  await stock(service.engine, "CUP", { BERLIN: 1_000_000 })
})
afterEach(async () => {
  for (const source of sources.splice(0)) source.close()
  await service.close()
})

async function open(query = "", options: EventSourceOptions = {}): Promise<TestEventSource> {
  const source = await TestEventSource.open(`${service.listensOn}/v1/events/stream${query}`, options)
  sources.push(source)
  // What it begins with has its place.
  await source.until(({ retryMs }) => retryMs !== undefined)
  return source
}

/** Reserves one unit each so many times; returns the ids. */
async function sell(
  times: number,
  sku = "MUG",
  metadata = {},
  engine: Engine = service.engine,
): Promise<string[]> {
  const outcomes = await Promise.all(
    Array.from({ length: times }, () => engine.reserve({ lines: [{ sku, quantity: 1 }], metadata })),
  )
  return outcomes.map((outcome) => {
    if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
    return outcome.reservation.id
  })
}

const versionsOf = (source: TestEventSource) =>
  source.told.flatMap(({ data }) => ("lines" in data ? data.lines : [])).map((line) => Object(line).version)
const upTo = (count: number, first = 2) => Array.from({ length: count }, (_, index) => first + index)
const value = async (name: string) =>
  Number(new RegExp(`^${name} (\\d+)$`, "m").exec(await metrics.register.metrics())?.[1])

describe("a stream", () => {
  test("tells what happens from now on, as CloudEvents under their cursors", async () => {
    await sell(3)
    const source = await open()
    expect(source.response.statusCode).toBe(200)
    expect(source.response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-request-id": expect.any(String),
    })
    const [id] = await sell(1)
    await source.until(({ events }) => events.length > 0)
    expect(source.retryMs).toBeGreaterThan(0)
    expect(source.events).toHaveLength(1)
    expect(source.events[0]).toMatchObject({
      type: "reservation.held",
      data: { specversion: "1.0", type: "reservation.held", subject: id },
    })
    const page = await service.engine.events({ after: source.events[0]?.id ?? "" })
    expect(page).toMatchObject({ events: [], isAll: true })
  })

  test("is filtered by item and by reservation as the list is", async () => {
    const after = await service.engine.eventsNow()
    const [first = ""] = await sell(2)
    await sell(2, "CUP")
    const cups = await open(`?sku=CUP&after=${after}`)
    const one = await open(`?reservationId=${first}&after=${after}`)
    await service.engine.confirm(first)
    await sell(1, "CUP")
    await cups.until(({ events }) => events.length === 3)
    await one.until(({ events }) => events.length === 2)
    expect(cups.told.map(({ data }) => Object(data).lines[0].sku)).toEqual(["CUP", "CUP", "CUP"])
    expect(one.told.map(({ type }) => type)).toEqual(["reservation.held", "reservation.confirmed"])
  })

  test("says that it lives, and where it is when its filter lets nothing through", async () => {
    const source = await open("?sku=CUP")
    const begin = source.lastEventId
    await sell(5)
    await source.until(({ comments, lastEventId }) => comments.length > 2 && lastEventId !== begin)
    expect(source.comments[0]).toBe("heartbeat")
    expect(source.events).toEqual([])
    const { events } = await service.engine.events({ after: source.lastEventId })
    expect(events).toEqual([])
  })

  test("begins after the header, which outdoes the query, or after the query", async () => {
    const after = await service.engine.eventsNow()
    await sell(3)
    const all = await open(`?after=${after}`)
    await all.until(({ events }) => events.length === 3)
    const { id = "" } = all.events[1] ?? {}
    const last = await open(`?after=${after}`, { lastEventId: id })
    await last.until(({ events }) => events.length > 0)
    expect(last.events).toEqual(all.events.slice(2))
  })
})

describe("nothing is lost or told twice", () => {
  test("when the client goes and comes back while many sell, also to another server", async () => {
    const other = await openEngine({ databaseUrl: service.url, migrate: false })
    const server = await createServer({
      engine: other,
      webhooks: webhooksOver(service),
      readiness: async () => ({ ready: true, reasons: [] }),
    })
    const url = await listen(server, { host: "127.0.0.1", port: 0 })
    const urls = [url, service.listensOn]
    const total = 600
    const selling = (async () => {
      for (let round = 0; round < total / 20; round += 1) {
        await sell(10)
        await sell(10, "MUG", {}, other)
      }
    })()
    let lastEventId = await service.engine.eventsNow()
    const told: number[] = []
    // Others keep the tails going, so that each that comes back has to join one that is elsewhere.
    await open()
    sources.push(await TestEventSource.open(`${url}/v1/events/stream`))
    for (let visit = 1; told.length < total; visit += 1) {
      const source = await TestEventSource.open(`${urls[visit % 2]}/v1/events/stream`, { lastEventId })
      sources.push(source)
      const wanted = Math.min(total - told.length, 7 * visit)
      await source.until(({ events }) => events.length >= wanted)
      source.close()
      told.push(...versionsOf(source))
      lastEventId = source.lastEventId
    }
    await selling
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
    expect(told).toEqual(upTo(total))
    await server.close()
    await other.close()
  })

  test("over a restart of the service", async () => {
    const first = await open()
    await sell(5)
    await first.until(({ events }) => events.length === 5)
    await service.server.close()
    expect(await first.ended).toBe("ended")
    await sell(5)
    const engine = await openEngine({ databaseUrl: service.url, migrate: false })
    const server = await createServer({
      engine,
      webhooks: webhooksOver(service),
      readiness: async () => ({ ready: true, reasons: [] }),
    })
    const url = await listen(server, { host: "127.0.0.1", port: 0 })
    const second = await TestEventSource.open(`${url}/v1/events/stream`, { lastEventId: first.lastEventId })
    sources.push(second)
    await sell(5)
    await second.until(({ events }) => events.length === 10)
    expect([...versionsOf(first), ...versionsOf(second)]).toEqual(upTo(15))
    second.close()
    await server.close()
    await engine.close()
  })

  test("when a transaction stays open while others come and go", async () => {
    const early = await open()
    const after = early.lastEventId
    const tx = await openTransaction(service.pool)
    await service.engine.reserve({ lines: [{ sku: "CUP", quantity: 1 }] }, { tx: tx as never })
    await sell(20)
    await early.until(({ events }) => events.length === 20)
    const late = await open("", { lastEventId: early.lastEventId })
    const all = await open("", { lastEventId: after })
    await all.until(({ events }) => events.length === 20)
    await tx.query("commit")
    tx.release()
    await late.until(({ events }) => events.length === 1)
    await sell(1)
    await Promise.all([
      early.until(({ events }) => events.length === 22),
      all.until(({ events }) => events.length === 22),
      late.until(({ events }) => events.length === 2),
    ])
    expect(early.told.slice(20)).toEqual(late.told)
    expect(new Set(all.told.map(({ id }) => id)).size).toBe(22)
  })
})

describe("a slow reader", () => {
  test("is ended with the place to go on from, and slows nobody", { timeout: 180_000 }, async () => {
    const droppedBefore = await value("earmark_event_streams_dropped_total")
    const fast = await open()
    const slow = await open("", { highWaterMark: 1024 })
    slow.response.pause()
    // Far more than is kept for it, and than the kernel's buffers take.
    const metadata = { note: "n".repeat(4000) }
    const total = 8000
    for (let sold = 0; sold < total; sold += 500) {
      await sell(500, "MUG", metadata)
      await fast.until(({ events }) => events.length === sold + 500)
    }
    expect(versionsOf(fast)).toEqual(upTo(total))
    slow.response.resume()
    expect(await slow.ended).toBe("ended")
    expect(slow.events.at(-1)).toMatchObject({
      type: "problem",
      data: { code: "events_outrun", status: 503 },
    })
    expect(await value("earmark_event_streams_dropped_total")).toBe(droppedBefore + 1)
    const again = await open("", { lastEventId: slow.lastEventId })
    const missing = total - slow.told.length
    expect(missing).toBeGreaterThan(0)
    await again.until(({ events }) => events.length >= missing)
    expect([...versionsOf(slow), ...versionsOf(again)]).toEqual(upTo(total))
  })

  test("that takes nothing at all is disconnected", async () => {
    await service.close()
    service = await startListening({ metrics, heartbeatMs: 50, standstillMsMax: 200 })
    await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
    const droppedBefore = await value("earmark_event_streams_dropped_total")
    const stuck = await open("", { highWaterMark: 1024 })
    stuck.response.pause()
    for (let sold = 0; sold < 4000; sold += 500) await sell(500, "MUG", { note: "n".repeat(4000) })
    await expect
      .poll(() => value("earmark_event_streams_dropped_total"), { timeout: 20_000 })
      .toBe(droppedBefore + 1)
    await expect.poll(() => value("earmark_event_streams")).toBe(0)
    stuck.response.resume()
    expect(await stuck.ended).toBe("broken")
  })
})

describe("the end of a stream", () => {
  test("comes at once when the service stops, and says so", async () => {
    const open10 = await Promise.all(Array.from({ length: 10 }, () => open()))
    await expect.poll(() => value("earmark_event_streams")).toBe(10)
    const beganMs = performance.now()
    await service.server.close()
    // The drain alone would wait for 14 s.
    expect(performance.now() - beganMs).toBeLessThan(10_000)
    for (const source of open10) {
      expect(await source.ended).toBe("ended")
      expect(source.events).toMatchObject([
        { type: "problem", data: { code: "unavailable", detail: "The service is shutting down." } },
      ])
    }
    expect(await value("earmark_event_streams")).toBe(0)
  })

  test("leaves nobody reading the feed when the clients are gone", async () => {
    const source = await open()
    expect(await usesOfTheDatabase(service)).toBeGreaterThan(0)
    source.close()
    await expect.poll(() => value("earmark_event_streams")).toBe(0)
    await expect.poll(() => usesOfTheDatabase(service), { timeout: 10_000 }).toBe(0)
  })

  test("comes with a problem when the database is restored meanwhile", async () => {
    const source = await open()
    await sell(1)
    await source.until(({ events }) => events.length === 1)
    const undo = await restoreWithout(service)
    expect(await source.ended).toBe("ended")
    expect(source.events.at(-1)).toMatchObject({
      type: "problem",
      data: { code: "events_rewound", status: 410 },
    })
    const again = await service.call("GET", "/v1/events/stream", {
      headers: { "last-event-id": source.lastEventId },
    })
    expect(again).toMatchObject({ status: 410, body: { code: "events_rewound" } })
    const fresh = await open()
    await sell(1)
    await fresh.until(({ events }) => events.length === 1)
    await undo()
  })
})

test("what is wrong with a request is said before the stream begins", async () => {
  const wrong: [query: string, headers: Record<string, string>, pointer: string][] = [
    ["?after=x", {}, "/query/after"],
    ["?after=", {}, "/query/after"],
    ["?sku=%21", {}, "/query/sku"],
    ["?limit=5", {}, "/query/limit"],
    ["?sku=A&sku=B", {}, "/query/sku"],
    ["", { "last-event-id": "x" }, "/headers/last-event-id"],
    ["", { "last-event-id": "WzEsMCxudWxsLFtdLFtdXQ==" }, "/headers/last-event-id"],
    ["", { "last-event-id": "\u00e4" }, "/headers/last-event-id"],
    ["?after=x", { "last-event-id": "y" }, "/headers/last-event-id"],
    ["", { "last-event-id": "x".repeat(9000) }, "/headers/last-event-id"],
  ]
  for (const [query, headers, pointer] of wrong) {
    const answer = await service.call("GET", `/v1/events/stream${query}`, { headers })
    expect(answer, query).toMatchObject(invalid(pointer))
  }
  expect(await service.call("HEAD", "/v1/events/stream")).toMatchObject({ status: 404 })
  // Some clients send it empty as long as they have nothing.
  expect((await open("", { lastEventId: "" })).response.statusCode).toBe(200)
})

/** Connections to the database that are used while the feed would be read several times. */
async function usesOfTheDatabase({ pool }: ListeningService): Promise<number> {
  let uses = 0
  const count = () => {
    uses += 1
  }
  pool.on("acquire", count)
  await new Promise((resolve) => setTimeout(resolve, 500))
  pool.off("acquire", count)
  return uses
}

/** As if a backup had been restored that lacks the last entry of the feed; returns what undoes it. */
async function restoreWithout({ pool }: ListeningService): Promise<() => Promise<void>> {
  const change = async (text: string) => {
    const client = await pool.connect()
    await client.query("set session_replication_role = replica")
    await client.query(text)
    await client.query("reset session_replication_role")
    client.release()
  }
  await change(`create table last_entry as select * from earmark.feed order by position desc limit 1`)
  await change("delete from earmark.feed where position = (select position from last_entry)")
  return () => change("insert into earmark.feed select * from last_entry")
}
