import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ERRORS } from "../../src/core/errors.ts"
import { createTestService, type TestService } from "./service.ts"

let service: TestService
// biome-ignore lint/suspicious/noExplicitAny: a JSON document
let document: any
beforeAll(async () => {
  service = await createTestService()
  document = (await service.call("GET", "/openapi.json")).body
})
afterAll(() => service.close())

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: string[]
  readonly parameters?: { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: {
    required: boolean
    content: Record<string, { schema: object; example?: object; examples?: object }>
  }
  readonly responses: Record<
    string,
    { description: string; headers?: object; content: Record<string, { schema: object }> }
  >
}
const operations = (): [string, Operation][] =>
  Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  )

describe("/openapi.json", () => {
  test("is OpenAPI 3.1", () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.info).toMatchObject({ title: "Earmark", version: expect.any(String) })
    expect(JSON.stringify(document)).not.toMatch(/"nullable"|"x-/)
  })

  test("has just the routes that are served", () => {
    const hidden = /^HEAD | \/(docs|openapi\.json|schemas)/
    const page = /^GET \/(basket|theatre|console\*?|reservations\/\{id\})?$/
    const served = servedRoutes().filter((route) => !hidden.test(route) && !page.test(route))
    expect(
      operations()
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(served.toSorted())
    expect(served.toSorted()).toEqual([
      "DELETE /v1/webhooks/{id}",
      "GET /livez",
      "GET /metrics",
      "GET /readyz",
      "GET /v1/events",
      "GET /v1/events/stream",
      "GET /v1/holds/summary",
      "GET /v1/hot-items",
      "GET /v1/items",
      "GET /v1/items/{sku}",
      "GET /v1/items/{sku}/availability",
      "GET /v1/live",
      "GET /v1/locations",
      "GET /v1/reservations",
      "GET /v1/reservations/{id}",
      "GET /v1/reservations/{id}/journal",
      "GET /v1/sinks",
      "GET /v1/sinks/{name}/dead-letters",
      "GET /v1/statistics",
      "GET /v1/stock/{sku}/journal",
      "GET /v1/theatre",
      "GET /v1/theatre/sales/{id}",
      "GET /v1/theatre/sales/{id}/stream",
      "GET /v1/time",
      "GET /v1/verifications",
      "GET /v1/webhooks",
      "GET /v1/webhooks/{id}",
      "GET /v1/webhooks/{id}/deliveries",
      "GET /v1/webhooks/{id}/deliveries/{deliveryId}",
      "PATCH /v1/stock/{sku}/{location}",
      "PATCH /v1/webhooks/{id}",
      "POST /v1/reservations",
      "POST /v1/reservations/explain",
      "POST /v1/reservations/explain/holders",
      "POST /v1/reservations/{id}/confirm",
      "POST /v1/reservations/{id}/extend",
      "POST /v1/reservations/{id}/release",
      "POST /v1/sinks/{name}/dead-letters/replay",
      "POST /v1/stock/adjustments",
      "POST /v1/theatre/sales",
      "POST /v1/theatre/sales/{id}/stop",
      "POST /v1/webhooks",
      "POST /v1/webhooks/{id}/deliveries/{deliveryId}/redeliver",
      "POST /v1/webhooks/{id}/rotate-secret",
      "POST /v1/webhooks/{id}/test",
      "PUT /v1/items/{sku}",
      "PUT /v1/items/{sku}/hot",
      "PUT /v1/locations/{code}",
    ])
  })

  test("describes each operation whole", () => {
    const ids = operations().map(([, { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const tags = document.tags.map(({ name }: { name: string }) => name)
    for (const [name, operation] of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/)
      expect(operation.summary, name).not.toBe("")
      for (const tag of operation.tags) expect(tags).toContain(tag)
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === "path")
      expect(
        inPath.map((parameter) => `{${parameter.name}}`),
        name,
      ).toEqual(name.match(/\{\w+\}/g) ?? [])
    }
  })

  test("has every error as a problem document", () => {
    for (const [name, { responses }] of operations()) {
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["500", "503"]))
      if (/^(POST|PUT|PATCH)/.test(name))
        expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["400", "413", "415"]))
      for (const [status, { content, description }] of Object.entries(responses)) {
        if (Number(status) < 400) continue
        expect(content, name).toEqual({
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        })
        const codes = [...description.matchAll(/`(\w+)`/g)].map(([, code]) => code as keyof typeof ERRORS)
        expect(codes.length, `${name} ${status}`).toBeGreaterThan(0)
        for (const code of codes) expect(ERRORS[code].status).toBe(Number(status))
      }
    }
  })

  test("has the errors of the contract for each operation", () => {
    const everywhere = [
      "invalid_request",
      "body_too_large",
      "unsupported_media_type",
      "unavailable",
      "outcome_unknown",
      "internal",
    ]
    const special = operations().map(([, { operationId, responses }]) => {
      const codes = Object.values(responses).flatMap(({ description }) => [
        ...description.matchAll(/`([a-z]+_[a-z_]+|unavailable|internal)`/g),
      ])
      return [
        operationId,
        codes
          .map(([, code = ""]) => code)
          .filter((code) => !everywhere.includes(code))
          .toSorted(),
      ]
    })
    const itemOrLocation = ["item_not_found", "location_not_found"]
    expect(Object.fromEntries(special)).toEqual({
      livez: [],
      readyz: [],
      readStatistics: [],
      summarizeHolds: [],
      listSinks: [],
      listDeadLetters: ["sink_not_found"],
      replayDeadLetters: ["sink_not_found"],
      listVerifications: [],
      readTime: [],
      metrics: [],
      putItem: [],
      listItems: [],
      getItem: ["item_not_found"],
      getAvailability: ["item_not_found"],
      putLocation: [],
      listEvents: ["events_dropped", "events_rewound"],
      streamEvents: ["events_dropped", "events_rewound"],
      watchAvailability: ["item_not_found"],
      listHotItems: [],
      explain: [...itemOrLocation, "reservation_confirmed", "reservation_not_found"],
      explainWithHolders: [...itemOrLocation, "reservation_confirmed", "reservation_not_found"],
      readStockJournal: itemOrLocation,
      readReservationJournal: ["reservation_not_found"],
      listLocations: [],
      adjustStock: ["idempotency_key_reused", ...itemOrLocation, "stock_below_held"],
      setHot: ["item_not_found"],
      setSafetyStock: itemOrLocation,
      reserve: [
        "idempotency_key_reused",
        "insufficient_stock",
        ...itemOrLocation,
        "reservation_confirmed",
        "reservation_not_found",
      ],
      addWebhook: ["idempotency_key_reused"],
      listWebhooks: [],
      getWebhook: ["webhook_not_found"],
      changeWebhook: ["webhook_not_found"],
      removeWebhook: ["webhook_not_found"],
      rotateWebhookSecret: ["webhook_not_found"],
      testWebhook: ["webhook_not_found"],
      listWebhookDeliveries: ["webhook_not_found"],
      getWebhookDelivery: ["delivery_not_found"],
      redeliver: ["delivery_not_found"],
      getTheatre: ["not_found"],
      startSale: ["not_found", "sale_running"],
      getSale: ["not_found", "sale_not_found"],
      streamSale: ["not_found", "sale_not_found"],
      stopSale: ["not_found", "sale_not_found"],
      listReservations: [],
      getReservation: ["reservation_not_found"],
      confirm: ["reservation_expired", "reservation_not_found", "reservation_released"],
      release: ["reservation_confirmed", "reservation_not_found"],
      extend: [
        "lifetime_exceeded",
        "reservation_confirmed",
        "reservation_expired",
        "reservation_not_found",
        "reservation_released",
      ],
    })
  })

  test("has requests with examples, and says where a body may be left out", () => {
    for (const [name, { requestBody }] of operations()) {
      if (/^(GET|DELETE)/.test(name)) expect(requestBody, name).toBeUndefined()
      else {
        const content = requestBody?.content["application/json"]
        expect(content?.schema, name).toMatchObject({ type: "object", additionalProperties: false })
        expect(content?.example ?? content?.examples, name).toBeDefined()
        expect(requestBody?.required, name).toBe(
          !/(confirm|release|rotate-secret|test|redeliver|replay|stop)$/.test(name),
        )
      }
    }
  })

  test("has the headers of an answer and of a request", () => {
    const reserve = document.paths["/v1/reservations"].post
    expect(reserve.responses["201"].headers).toHaveProperty("Location")
    expect(reserve.responses["200"].headers).toHaveProperty("Idempotent-Replayed")
    expect(reserve.responses["503"].headers).toHaveProperty("Outcome")
    for (const path of ["/v1/reservations", "/v1/stock/adjustments"]) {
      expect(document.paths[path].post.parameters).toContainEqual(
        expect.objectContaining({ name: "Idempotency-Key", in: "header", required: false }),
      )
    }
  })

  test("has the request id on every answer", () => {
    for (const [name, { responses }] of operations()) {
      for (const [status, { headers }] of Object.entries(responses))
        expect(headers, `${name} ${status}`).toHaveProperty("X-Request-Id")
    }
  })

  test("says that the largest ttl is a setting", () => {
    for (const path of ["/v1/reservations", "/v1/reservations/{id}/extend"]) {
      const { schema } = document.paths[path].post.requestBody.content["application/json"]
      expect(schema.properties.ttlSeconds.description).toContain("EARMARK_HOLD_TTL_MAX_SECONDS")
    }
  })

  test("refers only to schemas that it has, and has none that nobody refers to", () => {
    const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    )
    expect([...new Set(referred)].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted())
  })

  test("has the limits of the contract", () => {
    const { schema } = document.paths["/v1/reservations"].post.requestBody.content["application/json"]
    expect(schema.properties.lines).toMatchObject({ minItems: 1, maxItems: 100 })
    expect(schema.properties.lines.items.properties).toMatchObject({
      sku: { maxLength: 64, pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$" },
      quantity: { type: "integer", minimum: 1, maximum: 1_000_000 },
    })
    const [limit] = document.paths["/v1/items"].get.parameters
    expect(limit).toMatchObject({ name: "limit", schema: { type: "integer", minimum: 1, maximum: 200 } })
  })
})

/** As the router itself prints them: a tree, four characters a level, `/:sku (PUT, GET, HEAD)`. */
function servedRoutes(): string[] {
  const prefixes: string[] = []
  const lines = service.server.printRoutes({ commonPrefix: false }).trimEnd().split("\n")
  return lines.flatMap((line) => {
    const [, indent = "", part = "", methods = ""] = /^([│├└─\s]*)(\S+) \((.*)\)$/.exec(line) ?? []
    const level = indent.length / 4
    prefixes.splice(level - 1, Number.POSITIVE_INFINITY, part)
    const path = prefixes.join("").replaceAll(/:(\w+)/g, "{$1}")
    return methods.split(", ").map((method) => `${method} ${path}`)
  })
}

describe("/docs", () => {
  test("is a page that loads nothing from elsewhere", async () => {
    const redirect = await service.call("GET", "/docs")
    expect(redirect).toMatchObject({ status: 301, headers: { location: "/docs/" } })
    const page = await service.call("GET", "/docs/")
    expect(page).toMatchObject({
      status: 200,
      headers: { "content-type": expect.stringContaining("text/html") },
    })
    expect(page.body).toContain("/openapi.json")
    expect(page.body).not.toMatch(/(src|href)="?(https?:)?\/\//)
    expect(page.body).not.toMatch(/https?:\/\//)
    // The script would load its fonts and report its use, were it not told otherwise.
    expect(page.body).toMatch(/"withDefaultFonts": false/)
    expect(page.body).toMatch(/"telemetry": false/)
    expect(page.body).toMatch(/"showDeveloperTools": "never"/)
    expect(page.body).toMatch(/"agent": \{\s*"disabled": true/)
    expect(page.body).toMatch(/"mcp": \{\s*"disabled": true/)
    expect(page.body).toMatch(/"proxyUrl": ""/)
    // And the browser sees to it, whatever the script tries.
    const policy = String(page.headers["content-security-policy"])
    const [, inline = ""] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(String(page.body)) ?? []
    const hash = createHash("sha256").update(inline).digest("base64")
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`)
    expect(policy).not.toMatch(/https?:|\*/)
    const script = await service.call("GET", "/docs/js/scalar.js")
    expect(script).toMatchObject({
      status: 200,
      headers: { "content-type": expect.stringContaining("javascript") },
    })
  })

  test("survives any Host", async () => {
    for (const host of ["a b", "[", "x:99999", "", "a/b?c#d"]) {
      expect((await service.call("GET", "/docs", { headers: { host } })).status, host).toBeLessThan(500)
    }
  })
})
