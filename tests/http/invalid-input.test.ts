import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { BODY_BYTES_MAX } from "../../src/core/limits.ts"
import { stock } from "../support/engine.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
let heldId: string
beforeAll(async () => {
  service = await createTestService()
  await stock(service.engine, "MUG", { BERLIN: 1_000_000 })
  const outcome = await service.engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
  if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
  heldId = outcome.reservation.id
})
afterAll(() => service.close())

const BODY = { lines: [{ sku: "MUG", quantity: 1 }] }
const JSON_TYPE = { "content-type": "application/json" }
const send = (payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  service.call("POST", "/v1/reservations", { payload, headers })

const isQuantity = (value: unknown) => Number.isInteger(value) && Number(value) > 0

/** Everything that a request could change. */
async function everything(): Promise<unknown> {
  const tables = [
    "items",
    "locations",
    "stock_levels",
    "reservations",
    "holds",
    "idempotency_keys",
    "adjustments",
    "journal",
  ]
  const selects = tables.map(
    (table) => `(select json_agg(t order by t::text) from earmark.${table} t) as ${table}`,
  )
  const { rows } = await service.pool.query(`select ${selects.join(", ")}`)
  return rows
}

describe("a body", () => {
  test("is JSON, or 415", async () => {
    const json = JSON.stringify(BODY)
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/xml",
      "application/jsonx",
      "application/json; charset=latin1",
      "application/json; charset=utf-16",
      "json",
      ";",
    ]) {
      expect(await send(json, { "content-type": type }), type).toMatchObject(
        problem(415, "unsupported_media_type"),
      )
    }
    expect(await send(Buffer.from(json), {})).toMatchObject(problem(415, "unsupported_media_type"))
    for (const type of [
      "application/json",
      "Application/JSON",
      "application/json;charset=UTF-8",
      'application/json; charset="utf-8"',
      "application/json; version=1",
      "application/vnd.earmark.v1+json",
      "application/merge-patch+json; charset=utf-8",
    ]) {
      expect(await send(json, { "content-type": type }), type).toMatchObject({ status: 201 })
    }
  })

  test("is an object", async () => {
    for (const payload of ["null", "1", '"x"', "[]", "true", `[${JSON.stringify(BODY)}]`]) {
      expect(await send(payload), payload).toMatchObject(invalid(""))
    }
    for (const name of ["confirm", "release", "extend"]) {
      const url = `/v1/reservations/${heldId}/${name}`
      for (const payload of ["null", "[]", '"x"']) {
        expect(await service.call("POST", url, { payload, headers: JSON_TYPE })).toMatchObject(invalid(""))
      }
    }
  })

  test("may be missing where all of it is optional, and nowhere else", async () => {
    expect(await service.call("POST", "/v1/reservations")).toMatchObject(invalid(""))
    expect(await send("")).toMatchObject(invalid(""))
    expect(await service.call("PUT", "/v1/items/MUG")).toMatchObject(invalid(""))
    const release = async (headers: Record<string, string>) => {
      const outcome = await service.engine.reserve(BODY)
      if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
      return service.call("POST", `/v1/reservations/${outcome.reservation.id}/release`, { headers })
    }
    for (const headers of [{}, JSON_TYPE, { "content-type": "application/x-www-form-urlencoded" }]) {
      expect(await release(headers)).toMatchObject({ status: 200, body: { state: "released" } })
    }
  })

  test("that is broken is 400, and says where", async () => {
    for (const payload of [
      "{",
      '{"lines":}',
      "{'lines':1}",
      "nul",
      "{}{}",
      "\u0000",
      "[".repeat(60_000),
      '{"a":"\n"}',
    ]) {
      const answer = await send(payload)
      expect(answer, payload.slice(0, 20)).toMatchObject(invalid(""))
      expect(answer.body.errors[0].message).toMatch(/^must be JSON: ./)
    }
    const latin1 = Buffer.from('{"lines":[{"sku":"MUG","quantity":1}],"customerId":"é"}', "latin1")
    expect(await send(latin1)).toMatchObject(invalid(""))
  })

  test("that is nested without end is 400", async () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "1}"],
    ] as const) {
      const depth = open.length === 1 ? 30_000 : 9_000
      const nested = open.repeat(depth) + (close.length === 1 ? "" : "1") + close.slice(-1).repeat(depth)
      expect((await send(nested)).status).toBe(400)
      expect((await send(`{"lines":${nested}}`)).status).toBe(400)
      expect(await send(`{"lines":[{"sku":"MUG","quantity":1}],"metadata":{"a":${nested}}}`)).toMatchObject({
        status: 400,
        body: { errors: [{ message: "must not be nested deeper than 32 levels" }] },
      })
    }
  })

  test("has its edge at 64 KiB", async () => {
    const json = JSON.stringify(BODY)
    expect(await send(json + " ".repeat(BODY_BYTES_MAX - json.length))).toMatchObject({ status: 201 })
    expect(await send(json + " ".repeat(BODY_BYTES_MAX - json.length + 1))).toMatchObject(
      problem(413, "body_too_large"),
    )
    expect(await send(" ".repeat(1_000_000))).toMatchObject(problem(413, "body_too_large"))
    expect(await send("x".repeat(BODY_BYTES_MAX + 1), { "content-type": "text/plain" })).toMatchObject({
      status: 413,
    })
  })

  test("cannot reach a prototype", async () => {
    for (const text of [
      '"__proto__":{"lines":[{"sku":"MUG","quantity":1}]}',
      '"constructor":{"prototype":{"x":1}}',
    ]) {
      const name = /"(\w+)"/.exec(text)?.[1] ?? ""
      expect(await send(`{"lines":[{"sku":"MUG","quantity":1}],${text}}`)).toMatchObject(invalid(`/${name}`))
      expect(await send(`{"lines":[{"sku":"MUG","quantity":1,${text}}]}`)).toMatchObject(
        invalid(`/lines/0/${name}`),
      )
    }
    expect(await send('{"__proto__":{"lines":[{"sku":"MUG","quantity":1}]}}')).toMatchObject({ status: 400 })
    expect(
      await send('{"lines":[{"sku":"MUG","quantity":1}],"metadata":{"__proto__":{"x":1}}}'),
    ).toMatchObject(invalid("/metadata/__proto__"))
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test("has numbers, never text for numbers", async () => {
    for (const quantity of ['"1"', "1.5", "1e400", "9007199254740993", "-1", "0", "null", "[1]", "true"]) {
      expect(await send(`{"lines":[{"sku":"MUG","quantity":${quantity}}]}`), quantity).toMatchObject(
        invalid("/lines/0/quantity"),
      )
    }
    for (const quantity of ["1.0", "1e0", "1"]) {
      expect(await send(`{"lines":[{"sku":"MUG","quantity":${quantity}}]}`)).toMatchObject({ status: 201 })
    }
  })
})

describe("a query", () => {
  test("is refused when anything in it is wrong", async () => {
    const get = (path: string, query: string) => service.call("GET", `${path}?${query}`)
    for (const path of ["/v1/items", "/v1/locations", "/v1/reservations"]) {
      for (const limit of [
        "0",
        "201",
        "1e1",
        "0x10",
        "",
        "%205",
        "1.5",
        "-1",
        "many",
        "1&limit=2",
        "99999999999",
      ]) {
        expect(await get(path, `limit=${limit}`), limit).toMatchObject(invalid("/query/limit"))
      }
      for (const limit of [1, 200]) expect(await get(path, `limit=${limit}`)).toMatchObject({ status: 200 })
      for (const cursor of ["x", "%00", "bnVsbA", "eyJhIjoxfQ", "-1", "a".repeat(2000), "", "1&cursor=2"]) {
        expect(await get(path, `cursor=${cursor}`), cursor).toMatchObject(invalid("/query/cursor"))
      }
      expect(await get(path, "sort=name")).toMatchObject(invalid("/query/sort"))
      expect(await get(path, "__proto__=1")).toMatchObject(invalid("/query/__proto__"))
    }
    expect(await get("/v1/items", `q=${"x".repeat(255)}`)).toMatchObject({ status: 200 })
    for (const q of ["x".repeat(256), "%00", "a&q=b"])
      expect(await get("/v1/items", `q=${q}`)).toMatchObject(invalid("/query/q"))
    expect(await get("/v1/reservations", "state=open")).toMatchObject(invalid("/query/state"))
    expect(await get("/v1/reservations", "sku=a%20b")).toMatchObject(invalid("/query/sku"))
    expect(await get("/v1/reservations", `customerId=${"x".repeat(256)}`)).toMatchObject(
      invalid("/query/customerId"),
    )
  })

  test("cursor of another list, or with a turned bit, is refused or harmless", async () => {
    for (const sku of ["C-1", "C-2"]) await service.engine.putItem({ sku, name: sku })
    const { nextCursor } = (await service.call("GET", "/v1/items?limit=1")).body
    expect(nextCursor).toEqual(expect.any(String))
    expect(
      (await service.call("GET", `/v1/reservations?cursor=${encodeURIComponent(nextCursor)}`)).status,
    ).toBe(400)
    for (let index = 0; index < nextCursor.length; index += 1) {
      const turned =
        nextCursor.slice(0, index) + (nextCursor[index] === "A" ? "B" : "A") + nextCursor.slice(index + 1)
      const { status } = await service.call("GET", `/v1/items?cursor=${encodeURIComponent(turned)}`)
      expect([200, 400]).toContain(status)
    }
  })
})

describe("an Idempotency-Key", () => {
  const withKey = (key: string) =>
    service.call("POST", "/v1/reservations", { body: BODY, headers: { "idempotency-key": key } })

  test("has 1 to 255 characters, bare or quoted", async () => {
    const longest = "k".repeat(255)
    expect(await withKey(longest)).toMatchObject({ status: 201 })
    expect(await withKey(`"${longest}"`)).toMatchObject({ status: 200 })
    for (const key of ["", '""', `${longest}k`, `"${longest}k"`, '"open', "a\u0080b"]) {
      expect(await withKey(key), key).toMatchObject(invalid("/headers/idempotency-key"))
    }
  })

  test("in UTF-8 is the key that the library knows", async () => {
    await service.engine.reserve({ ...BODY, idempotencyKey: "schlüssel-漢" })
    expect(await withKey(Buffer.from("schlüssel-漢", "utf8").toString("latin1"))).toMatchObject({
      status: 200,
    })
  })
})

describe("a route", () => {
  test("that is unknown is 404, whatever is sent there", async () => {
    for (const url of ["/", "/v1", "/v1/nope", "/v2/items", "/V1/items", "/v1/items/A/B/C", "//v1/items"]) {
      expect(await service.call("GET", url), url).toMatchObject(problem(404, "not_found"))
    }
    for (const method of ["DELETE", "PATCH", "POST"] as const) {
      expect(await service.call(method, "/v1/items/MUG", { body: {} })).toMatchObject(
        problem(404, "not_found"),
      )
    }
    const odd = { payload: "{", headers: { "content-type": "text/odd" } }
    expect(await service.call("POST", "/nope", odd)).toMatchObject(problem(404, "not_found"))
    const large = { payload: "x".repeat(100_000), headers: JSON_TYPE }
    expect(await service.call("POST", "/nope", large)).toMatchObject(problem(404, "not_found"))
  })

  test("that is malformed is a problem document", async () => {
    for (const url of ["/v1/items/%", "/v1/items/%zz", "/v1/items/%C3", "/%E0%A4%A"]) {
      const answer = await service.call("GET", url)
      expect([400, 404], url).toContain(answer.status)
      expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/)
      expect(answer.body).toMatchObject({ code: expect.stringMatching(/^(invalid_request|not_found)$/) })
      expect(answer.headers["x-request-id"]).toBe(answer.body.requestId)
    }
  })
})

describe("whatever is sent", () => {
  const URLS: readonly (readonly ["PUT" | "POST" | "PATCH", string])[] = [
    ["PUT", "/v1/items/FUZZ"],
    ["PUT", "/v1/locations/FUZZ"],
    ["POST", "/v1/stock/adjustments"],
    ["PATCH", "/v1/stock/MUG/BERLIN"],
    ["POST", "/v1/reservations"],
    ["POST", "/v1/reservations/explain"],
  ]

  test("a body that is refused changes nothing, and none is a 5xx", async () => {
    const before = await everything()
    const anything = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      // Almost valid: one member of the wrong kind.
      fc
        .record({
          sku: fc.jsonValue(),
          location: fc.jsonValue(),
          quantity: fc.jsonValue(),
          lines: fc.jsonValue(),
          name: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
      fc.jsonValue().map((value) => JSON.stringify({ lines: [value], metadata: value })),
      fc
        .jsonValue()
        .filter((value) => !isQuantity(value))
        .map((value) => JSON.stringify({ lines: [{ sku: "MUG", quantity: value }] })),
      fc
        .jsonValue()
        .map((value) => JSON.stringify({ name: "x", priority: value, imageUrl: value, unknown: 1 })),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...URLS), anything, async ([method, url], payload) => {
        const answer = await service.call(method, url, { payload, headers: JSON_TYPE })
        expect(answer.status, JSON.stringify(answer.body)).toBe(400)
      }),
      { numRuns: 400 },
    )
    expect(await everything()).toEqual(before)
  })

  test("a query or a path is never a 5xx", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("%00", "..", "'", "\\", "%_%"),
    )
    await fc.assert(
      fc.asyncProperty(text, text, async (name, value) => {
        const odd = encodeURIComponent(value.toWellFormed())
        for (const url of [
          `/v1/items?q=${odd}`,
          `/v1/items?${encodeURIComponent(name.toWellFormed())}=${odd}`,
          `/v1/items/${odd}`,
          `/v1/reservations?customerId=${odd}&cursor=${odd}`,
          `/v1/reservations/${odd}`,
          `/v1/reservations/${odd}/journal`,
          `/v1/stock/${odd}/journal`,
          `/v1/stock/MUG/journal?cursor=${odd}&since=${odd}`,
          `/v1/events?after=${odd}`,
          `/v1/events?sku=${odd}&reservationId=${odd}`,
          `/v1/live?sku=${odd}`,
          `/v1/webhooks?cursor=${odd}`,
          `/v1/webhooks/${odd}`,
          `/v1/webhooks/${odd}/deliveries?state=${odd}`,
        ]) {
          expect((await service.call("GET", url)).status, url).toBeLessThan(500)
        }
      }),
      { numRuns: 60 },
    )
  })
})
