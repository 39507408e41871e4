/** Live stock over WebSockets that break: whoever follows an item ends on what is true. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Connection, LiveAvailability } from "../../src/client/index.ts"
import { Latest } from "../../src/client/live/latest.ts"
import { unreachable } from "../../src/client/trouble.ts"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { rejectionOf, scripted, testClient } from "../support/client.ts"
import { stock } from "../support/engine.ts"
import { TcpProxy } from "../support/tcp-proxy.ts"

let service: ListeningService
beforeEach(async () => {
  service = await startListening()
  await stock(service.engine, "MUG", { BERLIN: 100 })
  await stock(service.engine, "CUP", { BERLIN: 50 })
})
afterEach(() => service.close())

const sell = (sku: string, quantity = 1) => service.engine.reserve({ lines: [{ sku, quantity }] })

/** Up to and with the first of which it is so. */
async function until(
  messages: AsyncIterable<LiveAvailability>,
  isSo: (message: LiveAvailability, all: readonly LiveAvailability[]) => boolean,
): Promise<LiveAvailability[]> {
  const all: LiveAvailability[] = []
  for await (const message of messages) {
    all.push(message)
    if (isSo(message, all)) break
  }
  return all
}

describe("whoever follows items", () => {
  test("is told what is available now, then whenever that changes", async () => {
    const client = testClient(service.listensOn)
    const told = await until(client.stock.follow(["MUG", "CUP"]), ({ sku, available }, all) => {
      if (all.length === 2) void sell("CUP", 7)
      return sku === "CUP" && available === 43
    })
    const { asOf: _now, ...mug } = await client.stock.get("MUG")
    expect(told[0]).toMatchObject({ type: "availability", ...mug })
    expect(told.map(({ sku }) => sku)).toEqual(["MUG", "CUP", "CUP"])
  })

  test("gets the latest of each item when it is slow", async () => {
    const latest = new Latest()
    const message = (sku: string, available: number) => ({ sku, available }) as LiveAvailability
    latest.put(message("MUG", 1))
    latest.put(message("CUP", 1))
    latest.put(message("MUG", 2))
    latest.end(unreachable("cut"))
    expect([await latest.take(), await latest.take(), await latest.take()]).toMatchObject([
      { sku: "MUG", available: 2 },
      { sku: "CUP", available: 1 },
      { kind: "unanswered", cause: "cut" },
    ])
  })

  test("is told what is available after the connection was cut", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const states: string[] = []
    const client = testClient(proxy.url("http"))
    const following = client.stock.follow(["MUG"], { onConnection: ({ state }) => states.push(state) })
    const told = await until(following, ({ available }, all) => {
      if (all.length === 1) {
        proxy.cutAnswers()
        void sell("MUG", 60)
      }
      return available === 40
    })
    expect(told[0]).toMatchObject({ available: 100 })
    expect(states.slice(0, 3)).toEqual(["open", "lost", "open"])
  })

  test("connects anew when nothing comes for long", async () => {
    const proxy = await TcpProxy.forTest(service.port)
    const lost: Connection[] = []
    const client = testClient(proxy.url("http"))
    const following = client.stock.follow(["MUG"], {
      silenceMsMax: 500,
      onConnection: (connection) => connection.state === "lost" && lost.push(connection),
    })
    await until(following, ({ available }, all) => {
      if (all.length === 1) {
        proxy.silence()
        void sell("MUG", 60)
      }
      return available === 40
    })
    expect(lost[0]).toMatchObject({ failure: { reason: "timed_out" } })
  })

  test("ends quietly with the caller's signal", async () => {
    const leaving = new AbortController()
    const client = testClient(service.listensOn)
    for await (const { available } of client.stock.follow(["MUG"], { signal: leaving.signal })) {
      expect(available).toBe(100)
      leaving.abort()
    }
    for await (const message of client.stock.follow(["MUG"], { signal: leaving.signal }))
      throw new Error(`told of ${message.sku}`)
  })

  test("waits for a service that is away", async () => {
    const proxy = await TcpProxy.forTest(1)
    const client = testClient(proxy.url("http"))
    const following = client.stock.follow(["MUG"], {
      onConnection: ({ state }) => {
        if (state === "lost") proxy.target = service.port
      },
    })
    expect(await until(following, () => true)).toMatchObject([{ available: 100 }])
    expect(client.pauses.length).toBeGreaterThan(0)
  })
})

describe("what is wrong is said, though a WebSocket cannot say it", () => {
  const first = (skus: readonly string[], url = service.listensOn) =>
    rejectionOf(until(testClient(url).stock.follow(skus), () => true))

  test("no item, too many, one that is none, and one that is not known", async () => {
    expect(await first([])).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/query/sku" }] })
    const many = Array.from({ length: 101 }, (_, index) => `A${index}`)
    expect(await first(many)).toMatchObject({ code: "invalid_request" })
    expect(await first(["!"])).toMatchObject({ code: "invalid_request" })
    expect(await first(["MUG", "NONE"])).toMatchObject({ code: "item_not_found", status: 404 })
  })

  test("another server", async () => {
    const server = await scripted({ status: 404, headers: { "content-type": "text/html" }, body: "<p>" })
    expect(await first(["MUG"], server.url)).toMatchObject({ reason: "unreadable", status: 404 })
  })
})
