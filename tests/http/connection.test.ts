import { once } from "node:events"
import { request as httpRequest } from "node:http"
import { afterEach, describe, expect, test } from "vitest"
import { StartError } from "../../src/core/errors.ts"
import { listen } from "../../src/http/listen.ts"
import { stock } from "../support/engine.ts"
import { JSON_BODY, type ListeningService, startListening } from "./raw-connection.ts"
import { createTestService, type TestServiceOptions } from "./service.ts"

let service: ListeningService
afterEach(() => service.close())

async function start(options: TestServiceOptions = {}): Promise<{ url: string; port: number }> {
  service = await startListening(options)
  return { url: service.listensOn, port: service.port }
}

describe("listen", () => {
  test("returns the URL of a free port", async () => {
    const { url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${url}/livez`)).status).toBe(200)
  })

  test("says in one sentence that the port is taken, or that the host is not one", async () => {
    const { port } = await start()
    const other = await createTestService()
    await expect(listen(other.server, { host: "127.0.0.1", port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program`,
    )
    await expect(listen(other.server, { host: "127.0.0.1", port })).rejects.toBeInstanceOf(StartError)
    // An address kept for documentation (RFC 5737), which no machine has.
    await expect(listen(other.server, { host: "192.0.2.1", port: 0 })).rejects.toThrow(
      "192.0.2.1 is not an address of this machine",
    )
    await other.close()
  })
})

describe("a request id", () => {
  test("is taken over when it is well formed, and made when it is not", async () => {
    const { url } = await start()
    const idOf = async (sent: string | undefined) => {
      const response = await fetch(
        `${url}/v1/nope`,
        sent === undefined ? {} : { headers: { "x-request-id": sent } },
      )
      const { requestId } = (await response.json()) as { requestId: string }
      expect(response.headers.get("x-request-id")).toBe(requestId)
      return requestId
    }
    for (const id of ["a", "0af7651916cd43dd-8448eb211c80319c", "A.b_c:d/e=f+g@h", "x".repeat(128)]) {
      expect(await idOf(id)).toBe(id)
    }
    for (const id of [undefined, "", "x".repeat(129), "a b", 'a"b', "é", "{}"])
      expect(await idOf(id)).not.toBe(id)
    expect(await idOf(undefined)).not.toBe(await idOf(undefined))
  })

  test("stands on successes too", async () => {
    const { url } = await start()
    const response = await fetch(`${url}/v1/items`, { headers: { "x-request-id": "mine" } })
    expect([response.status, response.headers.get("x-request-id")]).toEqual([200, "mine"])
  })
})

describe("a repeated header", () => {
  test("Idempotency-Key is refused; one key with a comma is a key", async () => {
    const { url } = await start()
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const post = async (keys: string | string[]) => {
      const request = httpRequest(`${url}/v1/reservations`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": keys },
      })
      request.end(JSON_BODY)
      const [response] = await once(request, "response")
      let text = ""
      for await (const chunk of response) text += chunk
      return { status: response.statusCode, errors: JSON.parse(text).errors }
    }
    expect(await post("a, b")).toMatchObject({ status: 201 })
    expect(await post("a, b")).toMatchObject({ status: 200 })
    expect(await post(["a", "b"])).toMatchObject({
      status: 400,
      errors: [{ pointer: "/headers/idempotency-key" }],
    })
    expect(await post(["a", "a"])).toMatchObject({
      status: 400,
      errors: [{ pointer: "/headers/idempotency-key" }],
    })
  })
})

describe("a body in chunks", () => {
  const chunked =
    "POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

  test("is read, and is 413 over 64 KiB", async () => {
    await start()
    await stock(service.engine, "MUG", { BERLIN: 5 })
    const small = await service.open()
    small.socket.write(`${chunked}${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}\r\n0\r\n\r\n`)
    expect(await small.until("\r\n\r\n")).toMatch(/^HTTP\/1\.1 201 /)

    const large = await service.open()
    large.socket.write(chunked)
    const chunk = `4000\r\n${" ".repeat(0x4000)}\r\n`
    for (let n = 0; n < 5; n += 1) large.socket.write(chunk)
    expect(await large.until("body_too_large")).toMatch(/^HTTP\/1\.1 413 /)
  })
})

describe("a body far over the limit", () => {
  test("is answered before the connection is closed", async () => {
    const { url } = await start()
    for (const bytes of [70_000, 5_000_000]) {
      const headers = { "content-type": "application/json" }
      const response = await fetch(`${url}/v1/reservations`, {
        method: "POST",
        headers,
        body: " ".repeat(bytes),
      })
      expect([response.status, await response.json()]).toEqual([
        413,
        expect.objectContaining({ code: "body_too_large" }),
      ])
    }
  })
})

describe("bytes that are no request", () => {
  test("get a problem document and a closed connection", async () => {
    await start()
    for (const [bytes, status] of [
      ["NONSENSE\r\n\r\n", 400],
      ["GET / HTTP/9.9\r\n\r\n", 400],
      ["GET /v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const wire = await service.open()
      wire.socket.write(bytes)
      const answer = await wire.ended
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(answer).toContain("Content-Type: application/problem+json")
      expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({
        status,
        code: "invalid_request",
      })
    }
  })
})
