/** What never reaches a route, or reaches it in pieces that cannot be decoded: answered as a problem document too. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ERRORS } from "../../src/core/errors.ts"
import { DELTA_MAX, ON_HAND_MAX } from "../../src/core/limits.ts"
import { stock } from "../support/engine.ts"
import { type ListeningService, startListening } from "./raw-connection.ts"
import { invalid, problem } from "./service.ts"

let service: ListeningService
beforeAll(async () => {
  service = await startListening()
})
afterAll(() => service.close())

async function exchange(bytes: string): Promise<{ head: string; body: Record<string, unknown> }> {
  const wire = await service.open({ allowHalfOpen: true })
  wire.socket.end(bytes)
  const [head = "", ...body] = (await wire.ended).split("\r\n\r\n")
  return { head, body: JSON.parse(body.join("")) }
}

describe("below the routes", () => {
  test.each([
    ["no Host", "GET /v1/items HTTP/1.1\r\n\r\n", 400, "invalid_request", "/headers/host"],
    [
      "an expectation",
      "GET /livez HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n",
      417,
      "invalid_request",
      "/headers/expect",
    ],
    ["CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 404, "not_found", undefined],
    ["no HTTP", "NONSENSE\r\n\r\n", 400, "invalid_request", ""],
    [
      "too much of it",
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
      431,
      "invalid_request",
      "",
    ],
  ] as const)("%s is a problem document", async (...row) => {
    const [, bytes, status, code, pointer] = row
    const { head, body } = await exchange(bytes)
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head).toMatch(/content-type: application\/problem\+json/i)
    expect(head).toMatch(/x-content-type-options: nosniff/i)
    const { title } = ERRORS[code]
    expect(body).toMatchObject({ type: `urn:earmark:error:${code}`, title, status, code })
    expect(head).toMatch(new RegExp(`x-request-id: ${body["requestId"]}`, "i"))
    expect(body["errors"]).toEqual(
      pointer === undefined ? undefined : [{ pointer, message: expect.any(String) }],
    )
  })

  test("HTTP/1.0 needs no Host, and 100-continue is an expectation that is met", async () => {
    expect((await exchange("GET /livez HTTP/1.0\r\n\r\n")).body).toEqual({ status: "ok" })
    const wire = await service.open({ allowHalfOpen: true })
    wire.socket.end("GET /livez HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  })
})

describe("a path", () => {
  test("whose id cannot be decoded names no reservation", async () => {
    for (const id of ["%ff", "%c3%28", "%", "%zz", "a%ED%A0%80"]) {
      const get = await service.call("GET", `/v1/reservations/${id}?x=1`)
      expect(get, id).toMatchObject(problem(404, "reservation_not_found"))
      for (const name of ["confirm", "release", "extend"]) {
        const body = name === "extend" ? { ttlSeconds: 5 } : {}
        const answer = await service.call("POST", `/v1/reservations/${id}/${name}`, { body })
        expect(answer, id).toMatchObject(problem(404, "reservation_not_found"))
      }
    }
    expect(await service.call("GET", "/v1/items/%ff")).toMatchObject(invalid(""))
  })

  test("with an empty step is no route", async () => {
    for (const path of ["/v1/items/", "/v1/items//availability", "/v1/reservations/"]) {
      expect(await service.call("GET", path), path).toMatchObject(problem(404, "not_found"))
    }
    for (const path of ["/v1/items/", "/v1/locations/"]) {
      expect(await service.call("PUT", path, { body: { name: "x" } })).toMatchObject(
        problem(404, "not_found"),
      )
    }
    const body = { safetyStock: 1 }
    expect(await service.call("PATCH", "/v1/stock//BERLIN", { body })).toMatchObject(
      problem(404, "not_found"),
    )
  })
})

describe("a query", () => {
  test("that is not percent-encoded UTF-8 is refused, where it is wrong", async () => {
    for (const value of ["%ff", "%ED%A0%80", "a%c3", "%", "50%"]) {
      expect(await service.call("GET", `/v1/items?q=${value}`), value).toMatchObject(invalid("/query/q"))
      const byCustomer = await service.call("GET", `/v1/reservations?customerId=${value}&limit=5`)
      expect(byCustomer, value).toMatchObject(invalid("/query/customerId"))
      expect(await service.call("GET", `/v1/items?cursor=${value}`)).toMatchObject(invalid("/query/cursor"))
    }
    expect((await service.call("GET", "/v1/items?%ff=1")).status).toBe(400)
  })

  test("that is well formed is read as before", async () => {
    await service.engine.putItem({ sku: "Q-1", name: "ö & + 100%" })
    for (const q of ["%C3%B6+%26+%2B", "%c3%b6%20%26", "100%25", "+%2B+1"]) {
      expect((await service.call("GET", `/v1/items?q=${q}`)).body.data, q).toHaveLength(1)
    }
    const many = Array.from({ length: 1500 }, () => "&").join("")
    expect(await service.call("GET", `/v1/items?${many}q=Q-1&sort=1`)).toMatchObject(invalid("/query/sort"))
  })
})

test("no answer may be taken for another type than it says", async () => {
  for (const path of ["/livez", "/nope", "/v1/items", "/v1/items/%ff", "/docs/", "/openapi.json"]) {
    expect((await service.call("GET", path)).headers["x-content-type-options"], path).toBe("nosniff")
  }
})

test("more input errors than are listed are counted", async () => {
  const lines = Array.from({ length: 30 }, () => ({ sku: "", quantity: 1 }))
  const { body } = await service.call("POST", "/v1/reservations", { body: { lines } })
  expect(body.errors).toHaveLength(20)
  expect(body.detail).toMatch(/^\/lines\/0\/sku must be .* \(and 29 more\)\.$/)
  const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1]))
  const answer = await service.call("PUT", "/v1/items/X", { body: { name: "x", ...unknown } })
  expect(answer.body.detail).toBe("/x0 is not a known member (and 49 more).")
})

test("what the engine refuses is said in the detail", async () => {
  await stock(service.engine, "MANY", { BERLIN: 1 })
  const largest = { sku: "MANY", location: "BERLIN", delta: DELTA_MAX, reason: "received" } as const
  const toTheBrim = Array.from({ length: ON_HAND_MAX / DELTA_MAX - 1 }, () => service.engine.adjust(largest))
  await Promise.all(toTheBrim)
  const answer = await service.call("POST", "/v1/stock/adjustments", { body: largest })
  expect(answer).toMatchObject(invalid("/delta"))
  expect(answer.body.detail).toContain("at most 1000000000000 units can be on hand")
})

test("/readyz that is red changed nothing", async () => {
  const red = await startListening({ readiness: () => Promise.resolve({ ready: false, reasons: ["no"] }) })
  expect((await red.call("GET", "/readyz")).headers["outcome"]).toBe("not-applied")
  await red.close()
})
