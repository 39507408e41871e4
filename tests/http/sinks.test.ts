/** Sinks of events over HTTP: how far behind each is, what it refused, and handing that on again. */
import { afterEach, beforeEach, expect, test } from "vitest"
import type { EventFeed } from "../../src/engine/event-feed.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { rejectionOf, type TestClient, testClient } from "../support/client.ts"
import { stock } from "../support/engine.ts"
import { PickySink, relayOnce } from "../support/picky-sink.ts"
import { type ListeningService, startListening } from "./raw-connection.ts"
import { invalid, problem, sinkParts } from "./service.ts"

let service: ListeningService
let client: TestClient
let sinks: SinkStore
let feed: EventFeed
beforeEach(async () => {
  service = await startListening()
  client = testClient(service.listensOn)
  ;[sinks, feed] = sinkParts(service)
  await stock(service.engine, "MUG", { LAX: 1000 })
  await sinks.open("kafka", await feed.now())
})
afterEach(() => service.close())

const sell = () => client.reservations.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })

const collect = async <Row>(rows: AsyncIterable<Row>): Promise<Row[]> => {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

test("each is listed with how far behind it is, and why", async () => {
  expect(await client.sinks.list()).toEqual([
    {
      name: "kafka",
      lagSeconds: 0,
      deadEvents: 0,
      failure: null,
      movedAt: expect.any(String),
      isDisabled: false,
    },
  ])
  await sell()
  const owner = crypto.randomUUID()
  await sinks.claim("kafka", owner)
  await sinks.failed("kafka", owner, "nobody is there")
  const [kafka] = await client.sinks.list()
  expect(kafka?.lagSeconds).toBeGreaterThan(0)
  expect(kafka?.failure).toEqual({ reason: "nobody is there", since: expect.stringMatching(/Z$/), times: 1 })
  const { sinks: inHealth } = await client.health.readyInDetail()
  expect(inHealth).toMatchObject([{ name: "kafka", failure: kafka?.failure }])
})

test("what it refused is listed page by page, and handed on again when it is asked for", async () => {
  const sink = new PickySink()
  const ids = [await sell(), await sell(), await sell()].map(({ id }) => id)
  await relayOnce([sinks, feed], sink)
  const letters = client.sinks.deadLetters("kafka", { limit: 2 })
  expect((await collect(letters.pages())).map(({ data }) => data.length)).toEqual([2, 1])
  const dead = await collect(letters)
  expect(dead.map(({ event, reason }) => [event.type, event.subject, reason])).toEqual(
    ids.map((id) => ["reservation.held", id, "too large"]),
  )
  expect(await client.sinks.list()).toMatchObject([{ deadEvents: 3 }])

  sink.reason = "still too large"
  const [first, second] = dead
  expect(await client.sinks.replay("kafka", { ids: [first?.id ?? 0] })).toEqual({ asked: 1 })
  await relayOnce([sinks, feed], sink)
  expect((await collect(letters)).map(({ reason }) => reason)).toEqual([
    "still too large",
    "too large",
    "too large",
  ])
  sink.reason = null
  await client.sinks.replay("kafka", { ids: [second?.id ?? 0] })
  await relayOnce([sinks, feed], sink)
  expect(sink.told.map(({ subject }) => subject)).toEqual([ids[1]])
  expect(await client.sinks.replay("kafka")).toEqual({ asked: 2 })
  await relayOnce([sinks, feed], sink)
  expect(sink.told.map(({ subject }) => subject)).toEqual([ids[1], ids[0], ids[2]])
  expect(await collect(letters)).toEqual([])
  expect(await client.sinks.replay("kafka")).toEqual({ asked: 0 })
})

test("one that is not there, and what cannot be asked for, are told of", async () => {
  for (const asked of [client.sinks.deadLetters("gone").page(), client.sinks.replay("gone")]) {
    expect(await rejectionOf(asked)).toMatchObject({ code: "sink_not_found", status: 404 })
  }
  // What another sink refused is none of this one's.
  await sinks.open("webhook:whk_1", await feed.now())
  expect(await collect(client.sinks.deadLetters("webhook:whk_1"))).toEqual([])
  const path = "/v1/sinks/kafka/dead-letters"
  expect(await service.call("GET", `${path}?cursor=x`)).toEqual(invalid("/query/cursor"))
  for (const [ids, pointer] of [
    [[], "/ids"],
    [[0], "/ids/0"],
    [["1"], "/ids/0"],
    ["1", "/ids"],
  ] as const) {
    expect(await service.call("POST", `${path}/replay`, { body: { ids } })).toEqual(invalid(pointer))
  }
  expect(await service.call("GET", "/v1/sinks//dead-letters")).toMatchObject(problem(404, "not_found"))
})
