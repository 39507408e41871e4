import type { Socket } from "node:net"
import { Webhook } from "standardwebhooks"
import { afterEach, describe, expect, test, vi } from "vitest"
import {
  closeAll,
  endpoint,
  LONG_MS,
  MESSAGE,
  portOfNobody,
  response,
  SECRET,
  SHORT_MS,
  secrets,
  senderWith,
  sendOnce,
} from "../../../tests/support/sending.ts"
import { addressGuard } from "./address-guard.ts"
import type { SenderOptions } from "./send.ts"

const NOW = Date.UTC(2026, 0, 1, 12)

afterEach(async () => {
  vi.unstubAllEnvs()
  await closeAll()
})

/** What comes of one attempt at an endpoint that does this with its connection. */
async function sendTo(answer: (socket: Socket) => void, options: Partial<SenderOptions> = {}) {
  const server = await endpoint(answer)
  const url = `http://127.0.0.1:${server.port}/in`
  const result = await sendOnce(url, options)
  expect(result.durationMs).toBeGreaterThanOrEqual(0)
  expect(result.durationMs).toBeLessThan(LONG_MS)
  return { ...result, server }
}

describe("what is sent", () => {
  test("is verified by an independent receiver", async () => {
    const server = await endpoint((socket) => socket.write(response(204)))
    const body = '{"name":"Tasse „Grüße“ 🫖"}'
    const url = `http://127.0.0.1:${server.port}/in/%C3%BC?a=1&b=2`
    const message = { ...MESSAGE, contentType: "application/cloudevents+json", body }
    await senderWith().send({ id: "wh_1", url, secrets }, message)
    const [request] = server.requests
    expect(request?.line).toBe("POST /in/%C3%BC?a=1&b=2 HTTP/1.1")
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${server.port}`,
      "content-type": "application/cloudevents+json",
      "user-agent": "earmark/test",
      "webhook-id": "evt_1",
    })
    expect(new Webhook(SECRET).verify(request?.body ?? "", { ...request?.headers })).toEqual(JSON.parse(body))
  })

  test("is signed with the time of the attempt", async () => {
    const server = await endpoint((socket) => socket.write(response(204)))
    const url = `http://127.0.0.1:${server.port}/`
    await sendOnce(url, { nowMs: () => NOW + 999 })
    expect(server.requests[0]?.headers["webhook-timestamp"]).toBe(String(NOW / 1000))
  })

  test("is signed as it is sent when it is no well-formed Unicode", async () => {
    const server = await endpoint((socket) => socket.write(response(204)))
    const url = `http://127.0.0.1:${server.port}/`
    await senderWith().send({ id: "wh_1", url, secrets }, { ...MESSAGE, body: '"\ud800"' })
    const [request] = server.requests
    expect(new Webhook(SECRET).verify(request?.body ?? "", { ...request?.headers })).toBe("\ufffd")
  })

  test("goes past whatever proxy the environment names", async () => {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]) {
      vi.stubEnv(name, "http://127.0.0.1:9")
    }
    expect(await sendTo((socket) => socket.write(response(200)))).toMatchObject({ kind: "delivered" })
  })

  test("is our own mistake when it cannot be signed", async () => {
    const sender = senderWith()
    const sent = sender.send(
      { id: "wh_1", url: "http://127.0.0.1:9000/", secrets },
      { ...MESSAGE, id: "evt.1" },
    )
    await expect(sent).rejects.toThrow(RangeError)
  })
})

describe("an answer", () => {
  test.each([200, 201, 202, 204, 299])("%i: delivered", async (status) => {
    const result = await sendTo((socket) => socket.write(response(status)))
    expect(result).toMatchObject({ kind: "delivered", status })
  })

  test("410: gone", async () => {
    const result = await sendTo((socket) => socket.write(response(410, [], "no more")))
    expect(result).toMatchObject({ kind: "gone", status: 410, excerpt: "no more" })
  })

  test.each([300, 304, 400, 401, 404, 409, 429, 500, 503, 599])("%i: rejected", async (status) => {
    const result = await sendTo((socket) => socket.write(response(status)))
    expect(result).toMatchObject({ kind: "rejected", status, retryAfterSeconds: null })
  })

  test.each([301, 302, 303, 307, 308])("%i: rejected, and not followed", async (status) => {
    const elsewhere = await endpoint((socket) => socket.write(response(200)))
    const location = `location: http://127.0.0.1:${elsewhere.port}/`
    const result = await sendTo((socket) => socket.write(response(status, [location])))
    expect(result).toMatchObject({ kind: "rejected", status })
    expect(elsewhere.connections()).toBe(0)
  })

  test.each([
    [["retry-after: 120"], 120],
    [["retry-after: 0"], 0],
    [["retry-after: 99999999999999999999"], 3600],
    [["retry-after: -1"], null],
    [["retry-after: 1.5"], null],
    [["retry-after: soon"], null],
    [["retry-after: 10", "retry-after: 20"], null],
    [["retry-after: Thu, 01 Jan 2026 12:00:30 GMT"], 30],
    [["retry-after: Thu, 01 Jan 2026 11:00:00 GMT"], 0],
    [["retry-after: Fri, 01 Jan 2027 12:00:00 GMT"], 3600],
    [["retry-after: Thu, 99 Jan 2026 12:00:30 GMT"], null],
    [["retry-after: 2026-01-01 12:00:30"], null],
    // By its own clock, which may be wrong.
    [["retry-after: Thu, 01 Jan 2026 15:00:30 GMT", "date: Thu, 01 Jan 2026 15:00:00 GMT"], 30],
    [["retry-after: Thu, 01 Jan 2026 12:00:30 GMT", "date: today"], 30],
  ])("429 with %j asks for %j seconds", async (headers, retryAfterSeconds) => {
    const result = await sendTo((socket) => socket.write(response(429, headers)), { nowMs: () => NOW })
    expect(result).toMatchObject({ kind: "rejected", status: 429, retryAfterSeconds })
  })
})

describe("the body of an answer", () => {
  test("is kept in its beginning", async () => {
    const body = `${"x".repeat(1023)}ü${"y".repeat(2000)}`
    const { excerpt } = await sendTo((socket) => socket.write(response(500, [], body)))
    // The cut runs through a character, which is left out.
    expect(excerpt).toBe("x".repeat(1023))
  })

  test("is kept as a text that any database and any terminal takes", async () => {
    const { excerpt } = await sendTo((socket) =>
      socket.write(response(500, [], "a\0b\u001b[2J\tc\r\nd\u202ee")),
    )
    expect(excerpt).toBe("a\ufffdb\ufffd[2J\tc\r\nd\ufffde")
  })

  test("is kept when it is no text at all", async () => {
    const { excerpt } = await sendTo((socket) => {
      socket.write("HTTP/1.1 500 Whatever\r\ncontent-length: 3\r\n\r\n")
      socket.write(Buffer.from([0xff, 0x41, 0xfe]))
    })
    expect(excerpt).toBe("\ufffdA\ufffd")
  })

  test.each([
    [200, "delivered"],
    [500, "rejected"],
  ])("without an end is cut, and the status %i counts", async (status, kind) => {
    let written = 0
    let closed: Promise<unknown> | undefined
    const { server, ...result } = await sendTo((socket) => {
      closed = new Promise((resolve) => socket.on("close", resolve))
      socket.write(`HTTP/1.1 ${status} Whatever\r\ntransfer-encoding: chunked\r\n\r\n`)
      const more = () => {
        while (!socket.destroyed && socket.write(`1000\r\n${"z".repeat(4096)}\r\n`)) written += 4096
        written += 4096
      }
      socket.on("drain", more)
      more()
    })
    expect(result).toMatchObject({ kind, status, excerpt: "z".repeat(1024) })
    await closed
    // What lies in buffers was written without being read.
    expect(written).toBeLessThan(64 * 1024 * 1024)
    expect(server.open()).toBe(0)
  })

  test("of more than is read is cut", async () => {
    const body = "z".repeat(70_000)
    expect(await sendTo((socket) => socket.write(response(200, [], body)))).toMatchObject({
      kind: "delivered",
    })
  })
})

describe("no answer", () => {
  const HEAD = "HTTP/1.1 200 OK\r\n"

  /** Writes on and on, until the connection is gone. */
  const drip = (socket: Socket, beginning: string, drop: string) => {
    socket.write(beginning)
    const timer = setInterval(() => socket.write(drop), 20)
    socket.on("close", () => clearInterval(timer))
  }

  test.each<[string, (socket: Socket) => void, number | null]>([
    ["at all", () => {}, null],
    ["but the beginning of a head", (socket) => socket.write(HEAD), null],
    ["but headers, one after another", (socket) => drip(socket, HEAD, "x-more: 1\r\n"), null],
    ["but a promise of one", (socket) => drip(socket, "", "HTTP/1.1 103 Early Hints\r\n\r\n"), null],
    ["but a head", (socket) => socket.write(`${HEAD}content-length: 5\r\n\r\n`), 200],
    [
      "but bytes, one after another",
      (socket) => drip(socket, `${HEAD}content-length: 60000\r\n\r\n`, "z"),
      200,
    ],
  ])("%s: timeout", async (_, answer, status) => {
    const { server, ...result } = await sendTo(answer, { timeoutMs: SHORT_MS })
    expect(result).toMatchObject({ kind: "unreachable", reason: "timeout", status })
    expect(result).toHaveProperty("detail", `no complete answer within ${SHORT_MS} ms`)
    await vi.waitFor(() => expect(server.open()).toBe(0))
  })

  test.each<[string, (socket: Socket) => void, number | null]>([
    ["before the answer", (socket) => socket.resetAndDestroy(), null],
    ["half, before the answer", (socket) => socket.end(), null],
    ["in the head", (socket) => socket.end(HEAD), null],
    ["in the body", (socket) => socket.end(`${HEAD}content-length: 5\r\n\r\nab`), 200],
    ["in a chunk", (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nab`), 200],
    [
      "hard, in the body",
      (socket) => socket.write(`${HEAD}content-length: 5\r\n\r\nab`, () => socket.resetAndDestroy()),
      200,
    ],
  ])("closed %s: reset", async (_, answer, status) => {
    const { server: _server, ...result } = await sendTo(answer)
    expect(result).toMatchObject({ kind: "unreachable", reason: "reset" })
    // A hard reset may overtake the head.
    if (status === null) expect(result.status).toBeNull()
  })

  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n"],
    ["no status", "HTTP/1.1 abc\r\n\r\n"],
    ["a chunk of no size", `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  ])("but %s: protocol", async (_, text) => {
    const result = await sendTo((socket) => socket.write(text))
    expect(result).toMatchObject({ kind: "unreachable", reason: "protocol" })
  })

  test.each([
    [
      "an upgrade that nobody asked for",
      "HTTP/1.1 101 Whatever\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    ],
    ["two lengths", `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  ])("but %s", async (_, text) => {
    expect(await sendTo((socket) => socket.write(text))).toMatchObject({
      kind: "unreachable",
      reason: "reset",
    })
  })

  test.each([
    ["one long header", `x-long: ${"h".repeat(70_000)}\r\n`],
    ["many headers", "x-many: 1\r\n".repeat(7_000)],
  ])("but %s: too_large", async (_, headers) => {
    const result = await sendTo((socket) => socket.write(`${HEAD}${headers}\r\n`))
    expect(result).toMatchObject({ kind: "unreachable", reason: "too_large" })
  })

  test.each(["http", "https"])("because nobody listens, by %s: connect", async (protocol) => {
    const port = await portOfNobody()
    const url = `${protocol}://127.0.0.1:${port}/`
    const result = await sendOnce(url)
    expect(result).toMatchObject({ kind: "unreachable", reason: "connect", status: null })
    expect(result).toHaveProperty("detail", expect.stringContaining("ECONNREFUSED"))
  })

  test.each(["http", "https"])(
    "because nobody listens at several addresses, by %s: connect",
    async (protocol) => {
      const resolve = async () => ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }))
      const guard = addressGuard(["127.0.0.0/8"])
      const url = `${protocol}://hooks.example:${await portOfNobody()}/`
      const result = await sendOnce(url, { guard, resolve })
      expect(result).toMatchObject({ kind: "unreachable", reason: "connect", status: null })
      expect(result).toHaveProperty("detail", expect.stringContaining("ECONNREFUSED"))
    },
  )
})
