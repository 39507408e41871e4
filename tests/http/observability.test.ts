import { Registry } from "prom-client"
import { afterEach, describe, expect, test } from "vitest"
import { NO_SINKS } from "../../src/engine/sinks.ts"
import { createLogger } from "../../src/telemetry/log.ts"
import { createMetrics } from "../../src/telemetry/metrics.ts"
import { createTestService, problem, type TestService } from "./service.ts"

let service: TestService
afterEach(() => service.close())

test("/livez says that the process is up, also to HEAD", async () => {
  service = await createTestService()
  expect(await service.call("GET", "/livez")).toMatchObject({ status: 200, body: { status: "ok" } })
  expect(await service.call("HEAD", "/livez")).toMatchObject({ status: 200, body: "" })
})

test("/readyz says what is missing", async () => {
  const readiness = { ready: true, reasons: [] as string[] }
  service = await createTestService({ readiness: () => Promise.resolve(readiness) })
  expect(await service.call("GET", "/readyz")).toMatchObject({ status: 200, body: { status: "ok" } })
  readiness.ready = false
  readiness.reasons.push("the database does not answer", "the schema is out of date")
  const answer = await service.call("GET", "/readyz")
  const detail = "Not ready: the database does not answer; the schema is out of date."
  expect(answer).toMatchObject(problem(503, "unavailable", { detail }))
})

test("/readyz is 503 when readiness itself fails", async () => {
  service = await createTestService({ readiness: () => Promise.reject(new Error("refused")) })
  const answer = await service.call("GET", "/readyz")
  expect(answer).toMatchObject(problem(503, "unavailable"))
  expect(JSON.stringify(answer.body)).not.toContain("refused")
})

test("/readyz?verbose says how far behind the sinks of events are, and refuses other words", async () => {
  const since = new Date("2026-01-02T03:04:05Z")
  const sink = {
    name: "kafka",
    cursor: "secret",
    movedAt: since,
    lagSeconds: 12.5,
    deadEvents: 3,
    isDisabled: false,
    failure: { reason: "nobody is there", since, times: 2 },
  }
  service = await createTestService({ sinks: { ...NO_SINKS, status: async () => [sink] } })
  const { name, lagSeconds, deadEvents } = sink
  const failure = { ...sink.failure, since: since.toISOString() }
  const body = { status: "ok", sinks: [{ name, lagSeconds, deadEvents, failure }] }
  expect(await service.call("GET", "/readyz?verbose")).toMatchObject({ status: 200, body })
  expect((await service.call("GET", "/readyz")).body).toEqual({ status: "ok" })
  expect(await service.call("GET", "/readyz?verbose=loud")).toMatchObject(problem(400, "invalid_request"))
})

test("/readyz?verbose says how the read replica is, where there is one", async () => {
  const asOf = new Date("2026-01-02T03:04:05Z")
  service = await createTestService({ replicaStatus: async () => ({ state: "stale", asOf, ageMs: 1500 }) })
  const replica = { state: "stale", asOf: asOf.toISOString(), ageSeconds: 1.5 }
  expect(await service.call("GET", "/readyz?verbose")).toMatchObject({ status: 200, body: { replica } })
})

describe("/metrics", () => {
  test("counts requests by route pattern, never by path", async () => {
    const metrics = createMetrics({ register: new Registry() })
    service = await createTestService({ metrics })
    await service.call("PUT", "/v1/items/SECRET-SKU", { body: { name: "x" } })
    await service.call("GET", "/v1/items/SECRET-SKU")
    await service.call("GET", "/v1/items/OTHER")
    await service.call("GET", "/nope/SECRET-PATH")
    await service.call("GET", "/v1/items/%zz")
    const { status, headers, body } = await service.call("GET", "/metrics")
    expect([status, headers["content-type"]]).toEqual([200, expect.stringContaining("text/plain")])
    for (const line of [
      'earmark_http_requests_total{method="PUT",route="/v1/items/:sku",status="201"} 1',
      'earmark_http_requests_total{method="GET",route="/v1/items/:sku",status="200"} 1',
      'earmark_http_requests_total{method="GET",route="/v1/items/:sku",status="404"} 1',
      'earmark_http_requests_total{method="GET",route="unmatched",status="404"} 1',
      'earmark_http_requests_total{method="GET",route="unmatched",status="400"} 1',
      'earmark_http_request_duration_seconds_count{method="PUT",route="/v1/items/:sku"} 1',
    ]) {
      expect(body).toContain(line)
    }
    expect(body).not.toMatch(/SECRET|OTHER/)
  })
})

test("requests are logged at debug, at info not at all", async () => {
  const linesAt = async (level: string) => {
    const lines: string[] = []
    const logger = createLogger(level, { write: (line: string) => void lines.push(line) })
    service = await createTestService({ logger })
    await service.call("GET", "/v1/items/NONE", {
      headers: { authorization: "Bearer secret", "x-request-id": "r-1" },
    })
    if (level === "debug") await service.close()
    expect(lines.join()).not.toContain("secret")
    return lines.map((line) => JSON.parse(line))
  }
  expect(await linesAt("debug")).toEqual([
    expect.objectContaining({
      level: "debug",
      requestId: "r-1",
      method: "GET",
      route: "/v1/items/:sku",
      status: 404,
    }),
  ])
  expect(await linesAt("info")).toEqual([])
})
