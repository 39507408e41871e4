/** Events over connections that break: each once, in order, wherever and however they are cut. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Connection, EventStream, ToldEvent } from "../../src/client/index.ts"
import { createMetrics } from "../../src/telemetry/metrics.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { rejectionOf, respond, scripted, testClient } from "../support/client.ts"
import { startEndpoint } from "../support/endpoint-server.ts"
import { stock } from "../support/engine.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

let service: ListeningService
beforeEach(async () => {
  service = await startListening({ heartbeatMs: 50 })
  await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
  await stock(service.engine, "CUP", { BERLIN: 1_000_000 })
})
afterEach(() => service.close())

async function sell(times: number, sku = "MUG", metadata = {}): Promise<void> {
  await Promise.all(
    Array.from({ length: times }, () => service.engine.reserve({ lines: [{ sku, quantity: 1 }], metadata })),
  )
}

/** As many as are wanted, and then no more. */
async function take(
  stream: EventStream,
  count: number,
  onTold = (_told: ToldEvent) => {},
): Promise<ToldEvent[]> {
  const told: ToldEvent[] = []
  for await (const one of stream) {
    told.push(one)
    onTold(one)
    if (told.length === count) break
  }
  return told
}

const versionsOf = (told: readonly ToldEvent[]) =>
  told.map(({ event }) =>
    "lines" in event.data ? Object(event.data.lines[0]).version : event.data.level.version,
  )
const upTo = (count: number) => Array.from({ length: count }, (_, index) => 2 + index)

describe("a stream", () => {
  test("tells what happens from the first connection on, with the place after each", async () => {
    await sell(2)
    const states: string[] = []
    const opened = Promise.withResolvers<void>()
    const onConnection = ({ state }: Connection) => {
      states.push(state)
      opened.resolve()
    }
    const stream = testClient(service.listensOn).events.stream({}, { onConnection })
    const taken = take(stream, 2)
    await opened.promise
    await expect.poll(() => stream.cursor).not.toBeNull()
    await sell(2)
    const [third, fourth] = await taken
    expect(third?.event).toMatchObject({ type: "reservation.held", specversion: "1.0" })
    expect(stream.cursor).toBe(fourth?.cursor)
    const { data } = await testClient(service.listensOn).events.page({ after: third?.cursor })
    expect(data).toEqual([fourth?.event])
    expect(states).toEqual(["open"])
  })

  test("is filtered, and keeps its place while the filter lets nothing through", async () => {
    const after = await service.engine.eventsNow()
    const stream = testClient(service.listensOn).events.stream({ sku: "CUP", after })
    const taken = take(stream, 1)
    await sell(3)
    await expect.poll(() => stream.cursor).not.toBe(after)
    await sell(1, "CUP")
    expect((await taken)[0]?.event.data).toMatchObject({ lines: [{ sku: "CUP" }] })
  })

  test("goes on where it was left when it is iterated again", async () => {
    const after = await service.engine.eventsNow()
    await sell(5)
    const stream = testClient(service.listensOn).events.stream({ after })
    const told = [...(await take(stream, 2)), ...(await take(stream, 3))]
    expect(versionsOf(told)).toEqual(upTo(5))
  })

  test("ends quietly with the caller's signal, also in a pause, and leaves no connection", async () => {
    const leaving = new AbortController()
    const { signal } = leaving
    const stream = testClient(service.listensOn).events.stream(
      {},
      { signal, onConnection: () => leaving.abort() },
    )
    for await (const told of stream) throw new Error(`told ${told.event.id}`)
    const away = await scripted({ status: 503 })
    const pausing = new AbortController()
    const waiting = testClient(away.url).events.stream(
      {},
      { signal: pausing.signal, onConnection: () => pausing.abort() },
    )
    for await (const told of waiting) throw new Error(`told ${told.event.id}`)
    expect(away.requests).toHaveLength(1)
    await expect.poll(() => away.open()).toBeLessThan(2)
  })
})

describe("nothing is lost or told twice", () => {
  test("when the connection is cut over and over while much is sold", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const after = await service.engine.eventsNow()
    const lost: Connection[] = []
    const stream = testClient(proxy.url("http")).events.stream(
      { after },
      { onConnection: (connection) => connection.state === "lost" && lost.push(connection) },
    )
    const total = 600
    const selling = [sell(20), sell(20)]
    let count = 0
    const told = await take(stream, total, () => {
      count += 1
      // Two rounds ahead of what was told: whatever is cut, there is more to come.
      if (count % 20 === 0 && 20 * selling.length < total) selling.push(sell(20))
      if (count % 97 === 0) proxy.cutAnswers()
    })
    await Promise.all(selling)
    expect(versionsOf(told)).toEqual(upTo(total))
    expect(new Set(told.map(({ event }) => event.id)).size).toBe(total)
    expect(lost.length).toBeGreaterThan(0)
    expect(lost[0]).toMatchObject({ failure: { reason: "unreachable" }, retryInMs: 100 })
  })

  test("when the connection is silent: it is taken for dead and made anew", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const after = await service.engine.eventsNow()
    const lost: Connection[] = []
    const stream = testClient(proxy.url("http")).events.stream(
      { after },
      {
        silenceMsMax: 500,
        onConnection: (connection) => connection.state === "lost" && lost.push(connection),
      },
    )
    await sell(3)
    const told = await take(stream, 6, () => {
      if (lost.length > 0) return
      proxy.silence()
      void sell(1)
    })
    expect(versionsOf(told)).toEqual(upTo(6))
    expect(lost[0]).toMatchObject({ failure: { reason: "timed_out" } })
  })

  test("when an answer is cut in the middle of an event", async () => {
    const frame = (id: string, type: string) =>
      `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ type, data: {}, id })}\n\n`
    const whole = frame("a", "one") + frame("b", "two") + frame("c", "three")
    for (let cut = 0; cut <= whole.length; cut += 7) {
      const server = await startEndpoint((socket, { headers }) => {
        const place = headers["last-event-id"]
        const rest = place === undefined ? whole.slice(0, cut) : whole.slice(whole.indexOf(frameAfter(place)))
        socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${place === "" ? whole : rest}`)
      })
      const frameAfter = (place: string) => `id: ${{ start: "a", a: "b", b: "c" }[place]}`
      const stream = testClient(`http://127.0.0.1:${server.port}`).events.stream({ after: "start" })
      const told = await take(stream, 3)
      expect(
        told.map(({ cursor }) => cursor),
        `cut at ${cut}`,
      ).toEqual(["a", "b", "c"])
      await server.close()
    }
  })
})

test("who reads slowly is cut off by the service, and gets everything all the same", {
  timeout: 180_000,
}, async () => {
  await service.close()
  const metrics = createMetrics()
  service = await startListening({ metrics, heartbeatMs: 50, standstillMsMax: 200 })
  await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
  const dropped = async () =>
    /^earmark_event_streams_dropped_total (\d+)$/m.exec(await metrics.register.metrics())?.[1]
  const lost: Connection[] = []
  const stream = testClient(service.listensOn).events.stream(
    { after: await service.engine.eventsNow() },
    { onConnection: (connection) => connection.state === "lost" && lost.push(connection) },
  )
  // Far more than is kept for it, and than the kernel's buffers take, while it looks at its first event.
  const metadata = { note: "n".repeat(4000) }
  const total = 4000
  await sell(500, "MUG", metadata)
  const told: ToldEvent[] = []
  for await (const one of stream) {
    told.push(one)
    if (told.length === 1) {
      for (let sold = 500; sold < total; sold += 500) await sell(500, "MUG", metadata)
      await expect.poll(dropped, { timeout: 30_000 }).toBe("1")
    }
    if (told.length === total) break
  }
  expect(versionsOf(told)).toEqual(upTo(total))
  expect(lost[0]).toMatchObject({ failure: { reason: "unreachable" } })
})

describe("the end of a stream", () => {
  test("comes for good when there is no going on, and when the request is wrong", async () => {
    const events = testClient(service.listensOn).events
    expect(await rejectionOf(take(events.stream({ after: "x" }), 1))).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/headers/last-event-id" }],
    })
    expect(await rejectionOf(take(events.stream({ sku: "!" }), 1))).toMatchObject({ code: "invalid_request" })
    const problem = { type: "t", title: "Gone", status: 410, detail: "Gone.", code: "events_dropped" }
    const body = `id: a\n\nevent: problem\ndata: ${JSON.stringify(problem)}\n\n`
    const server = await scripted({ status: 200, headers: { "content-type": "text/event-stream" }, body })
    expect(await rejectionOf(take(testClient(server.url).events.stream(), 1))).toMatchObject({
      code: "events_dropped",
      status: 410,
    })
    expect(server.requests).toHaveLength(1)
  })

  test("comes when something else answers under its address", async () => {
    const server = await scripted({ status: 200, headers: { "content-type": "text/html" }, body: "<p>" })
    const error = await rejectionOf(take(testClient(server.url).events.stream(), 1))
    expect(error).toMatchObject({ reason: "unreadable", status: 200 })
  })

  test("is none when the service stops, is away for a while and comes back", async () => {
    let answers = 0
    const server = await startEndpoint((socket) => {
      answers += 1
      if (answers === 1) {
        const stopping = { type: "t", title: "Away", status: 503, detail: "Stopping.", code: "unavailable" }
        const body = `id: a\n\nevent: problem\ndata: ${JSON.stringify(stopping)}\n\n`
        respond(socket, { status: 200, headers: { "content-type": "text/event-stream" }, body })
      } else if (answers < 5) socket.destroy()
      else if (answers === 5) respond(socket, { status: 503, headers: { "retry-after": "3" } })
      else {
        const body = `id: b\nevent: one\ndata: {}\n\n`
        respond(socket, { status: 200, headers: { "content-type": "text/event-stream" }, body })
      }
    })
    const client = testClient(`http://127.0.0.1:${server.port}`)
    expect(await take(client.events.stream(), 1)).toEqual([{ event: {}, cursor: "b" }])
    expect(client.pauses).toEqual([100, 200, 400, 800, 4600])
    expect(server.requests.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, ..."aaaaa"])
    await server.close()
  })
})
