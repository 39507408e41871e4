import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import { parseSecret } from "../../src/events/webhooks/sign.ts"
import { createDeliveryStore } from "../../src/postgres/webhooks/delivery-store.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
beforeAll(async () => {
  service = await createTestService()
})
afterAll(() => service.close())
beforeEach(async () => {
  await service.pool.query("delete from earmark.webhooks")
  await service.pool.query("delete from earmark.sinks")
})

const URL = "https://shop.example/hooks/stock"
const MOMENT = expect.stringMatching(/^\d{4}-.*Z$/)
const UNKNOWN = "/v1/webhooks/whk_0197c0de5f0a7000a1b2c3d4e5f60718"

const post = (url: string, body?: unknown, headers = {}) => service.call("POST", url, { body, headers })
async function made(body: object = { url: URL }) {
  const { status, body: webhook } = await post("/v1/webhooks", body)
  expect(status).toBe(201)
  return { path: `/v1/webhooks/${webhook.id}`, webhook }
}

test("is made with a secret, which nothing shows afterwards", async () => {
  const answer = await post("/v1/webhooks", {
    url: URL,
    types: ["reservation.held"],
    skus: ["MUG"],
    description: "the shop",
  })
  const { secret, ...webhook } = answer.body
  expect(answer).toMatchObject({ status: 201, headers: { location: `/v1/webhooks/${webhook.id}` } })
  expect("value" in parseSecret(secret)).toBe(true)
  expect(webhook).toEqual({
    id: expect.stringMatching(/^whk_[0-9a-f]{32}$/),
    url: URL,
    types: ["reservation.held"],
    skus: ["MUG"],
    description: "the shop",
    state: "enabled",
    disabledReason: null,
    disabledAt: null,
    circuit: { state: "closed", until: null },
    waiting: 0,
    deliveredAt: null,
    lastFailure: null,
    createdAt: MOMENT,
    updatedAt: MOMENT,
  })
  expect((await service.call("GET", `/v1/webhooks/${webhook.id}`)).body).toEqual(webhook)
  expect((await service.call("GET", "/v1/webhooks")).body).toEqual({ data: [webhook], nextCursor: null })
  const { rows } = await service.pool.query("select name from earmark.sinks")
  expect(rows).toEqual([{ name: `webhook:${webhook.id}` }])
})

describe("what is wrong is said with its pointer, and makes nothing", () => {
  test.each([
    [{}, "/url"],
    [{ url: 7 }, "/url"],
    [{ url: "shop.example" }, "/url"],
    [{ url: "http://shop.example/" }, "/url"],
    [{ url: "https://127.0.0.1/" }, "/url"],
    [{ url: "https://[::1]/" }, "/url"],
    [{ url: "https://10.0.0.1/" }, "/url"],
    [{ url: "https://169.254.169.254/latest/meta-data" }, "/url"],
    [{ url: "https://2130706433/" }, "/url"],
    [{ url: "https://shop.example:25/" }, "/url"],
    [{ url: "https://me:secret@shop.example/" }, "/url"],
    [{ url: `https://shop.example/${"a".repeat(2048)}` }, "/url"],
    [{ url: "https://shop.example/\u0000" }, "/url"],
    [{ url: URL, types: [] }, "/types"],
    [{ url: URL, types: ["stock.adjusted", "stock.adjusted"] }, "/types"],
    [{ url: URL, types: ["stock.stolen"] }, "/types/0"],
    [{ url: URL, skus: [] }, "/skus"],
    [{ url: URL, skus: Array(101).fill("MUG") }, "/skus"],
    [{ url: URL, skus: ["a b"] }, "/skus/0"],
    [{ url: URL, description: "\ud800" }, "/description"],
    [{ url: URL, description: "a".repeat(256) }, "/description"],
    [{ url: URL, secret: "mine" }, "/secret"],
  ])("%j", async (body, pointer) => {
    expect(await post("/v1/webhooks", body)).toMatchObject(invalid(pointer))
    expect((await service.call("GET", "/v1/webhooks")).body.data).toEqual([])
  })

  test("also of changes", async () => {
    const { path, webhook } = await made()
    for (const [body, pointer] of [
      [{ url: "https://192.168.0.1/" }, "/url"],
      [{ url: null }, "/url"],
      [{ types: [] }, "/types"],
      [{ disabled: "yes" }, "/disabled"],
      [{ state: "disabled" }, "/state"],
    ] as const) {
      expect(await service.call("PATCH", path, { body })).toMatchObject(invalid(pointer))
    }
    expect((await service.call("GET", path)).body.updatedAt).toBe(webhook.updatedAt)
  })

  test("more than a hundred", async () => {
    for (let count = 0; count < 100; count += 1) await made()
    expect(await post("/v1/webhooks", { url: URL })).toMatchObject(invalid(""))
  })
})

test("a private network that the operator excepts may be named, also with plain http", async () => {
  const allowing = await createTestService({ webhookAllow: ["127.0.0.0/8"] })
  try {
    const answer = await allowing.call("POST", "/v1/webhooks", { body: { url: "http://127.0.0.1:9999/in" } })
    expect(answer.status).toBe(201)
    const other = await allowing.call("POST", "/v1/webhooks", { body: { url: "http://10.0.0.1:9999/in" } })
    expect(other).toMatchObject(invalid("/url"))
  } finally {
    await allowing.close()
  }
})

test("a key makes one webhook, whatever the timing, and tells its secret to whoever asks again", async () => {
  const headers = { "idempotency-key": "k-1" }
  const twins = await Promise.all([1, 2, 3].map(() => post("/v1/webhooks", { url: URL }, headers)))
  expect(twins.map(({ status }) => status).sort()).toEqual([200, 200, 201])
  expect(new Set(twins.map(({ body }) => `${body.id} ${body.secret}`)).size).toBe(1)
  const again = await post("/v1/webhooks", { url: URL }, headers)
  expect(again).toMatchObject({ status: 200, headers: { "idempotent-replayed": "true" } })
  expect(await post("/v1/webhooks", { url: `${URL}/2` }, headers)).toMatchObject(
    problem(422, "idempotency_key_reused"),
  )
  expect((await service.call("GET", "/v1/webhooks")).body.data).toHaveLength(1)
})

test("lists page by page, newest first", async () => {
  const ids = []
  for (let count = 0; count < 3; count += 1) ids.push((await made()).webhook.id)
  const first = (await service.call("GET", "/v1/webhooks?limit=2")).body
  const rest = (await service.call("GET", `/v1/webhooks?limit=2&cursor=${first.nextCursor}`)).body
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(ids.reverse())
  expect(rest.nextCursor).toBe(null)
  const withNul = Buffer.from(JSON.stringify(["webhooks", "whk_\u0000"])).toString("base64url")
  for (const cursor of ["x", withNul])
    expect(await service.call("GET", `/v1/webhooks?cursor=${cursor}`)).toMatchObject(invalid("/query/cursor"))
})

test("is changed member by member, disabled and enabled", async () => {
  const { path } = await made({ url: URL, skus: ["MUG"], description: "one" })
  const patch = (body: object) => service.call("PATCH", path, { body })
  expect(await patch({ skus: null, types: ["stock.adjusted"] })).toMatchObject({
    status: 200,
    body: { url: URL, skus: null, types: ["stock.adjusted"], description: "one", state: "enabled" },
  })
  expect((await patch({ disabled: true })).body).toMatchObject({
    state: "disabled",
    disabledReason: "operator",
    disabledAt: MOMENT,
  })
  await service.pool.query(
    "update earmark.webhooks set circuit_state = 'open', circuit_failures = 5, circuit_openings = 1, circuit_until = now()",
  )
  expect((await patch({ description: null })).body).toMatchObject({ circuit: { state: "open" } })
  expect((await patch({ disabled: false })).body).toMatchObject({
    state: "enabled",
    disabledReason: null,
    disabledAt: null,
    description: null,
    circuit: { state: "closed", until: null },
  })
})

test("a secret is replaced by a new one", async () => {
  const { path, webhook } = await made()
  const rotated = await post(`${path}/rotate-secret`, { overlapSeconds: 60 })
  expect(rotated.status).toBe(200)
  expect("value" in parseSecret(rotated.body.secret)).toBe(true)
  expect(rotated.body.secret).not.toBe(webhook.secret)
  expect(await post(`${path}/rotate-secret`)).toMatchObject({ status: 200 })
  // The newest, and those that are still good, as many as may be.
  for (let count = 0; count < 5; count += 1) await post(`${path}/rotate-secret`)
  const { rows } = await service.pool.query(
    "select jsonb_array_length(secrets) as count from earmark.webhooks",
  )
  expect(rows).toEqual([{ count: 3 }])
  await post(`${path}/rotate-secret`, { overlapSeconds: 0 })
  const { rows: alone } = await service.pool.query(
    "select jsonb_array_length(secrets) as count from earmark.webhooks",
  )
  expect(alone).toEqual([{ count: 1 }])
  expect(await post(`${path}/rotate-secret`, { overlapSeconds: -1 })).toMatchObject(
    invalid("/overlapSeconds"),
  )
  expect(await post(`${path}/rotate-secret`, { overlapSeconds: 604_801 })).toMatchObject(
    invalid("/overlapSeconds"),
  )
})

test("a test is a delivery, whose attempts can be read, and which can be asked for again", async () => {
  const { path, webhook } = await made()
  const answer = await post(`${path}/test`)
  const { id } = answer.body
  expect(answer).toMatchObject({ status: 202, headers: { location: `${path}/deliveries/${id}` } })
  const delivery = {
    id: expect.stringMatching(/^dlv_\d+$/),
    state: "waiting",
    event: { id: expect.stringMatching(/^test-/), type: "webhook.test", subject: webhook.id },
    attempts: 0,
    nextAttemptAt: MOMENT,
    createdAt: MOMENT,
    settledAt: null,
  }
  expect(answer.body).toEqual(delivery)
  expect((await service.call("GET", `${path}/deliveries`)).body).toEqual({
    data: [delivery],
    nextCursor: null,
  })
  await fail(webhook.id, Number(id.slice(4)))
  const settled = { ...delivery, state: "failed", attempts: 1, nextAttemptAt: null, settledAt: MOMENT }
  const detail = await service.call("GET", `${path}/deliveries/${id}`)
  expect(detail.body).toEqual({
    ...settled,
    body: expect.objectContaining({ specversion: "1.0", type: "webhook.test" }),
    log: [
      {
        number: 1,
        at: MOMENT,
        durationMs: 12,
        outcome: "rejected",
        status: 500,
        reason: "it answered 500",
        excerpt: "sorry",
      },
    ],
  })
  // Whatever schema an event names is to be had.
  const { dataschema } = detail.body.body
  if (dataschema !== undefined) expect(await service.call("GET", dataschema)).toMatchObject({ status: 200 })
  expect((await service.call("GET", path)).body.lastFailure).toEqual({
    at: MOMENT,
    reason: "it answered 500",
  })
  const list = async (state: string) =>
    (await service.call("GET", `${path}/deliveries?state=${state}`)).body.data
  expect([await list("waiting"), await list("failed")]).toEqual([[], [settled]])
  expect(await post(`${path}/deliveries/${id}/redeliver`)).toMatchObject({
    status: 202,
    body: { id, state: "waiting", attempts: 1 },
  })
  expect(await list("waiting")).toHaveLength(1)
  expect(await service.call("GET", `${path}/deliveries?state=lost`)).toMatchObject(invalid("/query/state"))
  expect(await service.call("GET", `${path}/deliveries?cursor=x`)).toMatchObject(invalid("/query/cursor"))
})

/** As a worker does it. */
async function fail(webhookId: string, deliveryId: number): Promise<void> {
  const database = { pool: service.pool, schema: "earmark", observer: SILENT_OBSERVER }
  const store = createDeliveryStore(database)
  const owner = "00000000-0000-4000-8000-000000000001"
  await store.claim(owner, [webhookId])
  await store.record(webhookId, owner, {
    attempts: [
      {
        deliveryId,
        number: 1,
        outcome: "rejected",
        status: 500,
        reason: "it answered 500",
        excerpt: "sorry",
        durationMs: 12,
        verdict: { state: "failed" },
      },
    ],
    circuit: { state: "closed", failures: 1, openings: 0, untilInMs: 0 },
    isGone: false,
  })
}

test("deliveries are listed page by page, newest first", async () => {
  const { path } = await made()
  const ids = []
  for (let count = 0; count < 3; count += 1) ids.push((await post(`${path}/test`)).body.id)
  const first = (await service.call("GET", `${path}/deliveries?limit=2`)).body
  const rest = (await service.call("GET", `${path}/deliveries?limit=2&cursor=${first.nextCursor}`)).body
  expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(ids.reverse())
  const other = await made()
  expect(await service.call("GET", `${other.path}/deliveries?cursor=${first.nextCursor}`)).toMatchObject(
    invalid("/query/cursor"),
  )
})

test("is removed with all that belongs to it", async () => {
  const { path } = await made()
  await post(`${path}/test`)
  expect(await service.call("DELETE", path)).toMatchObject({ status: 204, body: "" })
  expect(await service.call("DELETE", path)).toMatchObject(problem(404, "webhook_not_found"))
  const { rows } = await service.pool.query(
    "select (select count(*) from earmark.sinks) + (select count(*) from earmark.webhook_deliveries) as left",
  )
  expect(rows).toEqual([{ left: "0" }])
})

describe("what is not there is 404, never 500", () => {
  const BAD = ["whk_", "whk_0197C0DE5F0A7000A1B2C3D4E5F60718", "x", "%00", "%F0%9F%98%80", "a".repeat(5000)]
  const calls = (path: string) =>
    [
      ["GET", path, undefined],
      ["PATCH", path, { disabled: true }],
      ["DELETE", path, undefined],
      ["POST", `${path}/rotate-secret`, {}],
      ["POST", `${path}/test`, undefined],
      ["GET", `${path}/deliveries`, undefined],
    ] as const

  test.each([UNKNOWN, ...BAD.map((id) => `/v1/webhooks/${id}`)])("%s", async (path) => {
    for (const [method, url, body] of calls(path))
      expect(await service.call(method, url, { body })).toMatchObject(problem(404, "webhook_not_found"))
  })

  test("a delivery", async () => {
    const { path } = await made()
    const other = await made()
    const { id } = (await post(`${other.path}/test`)).body
    for (const wrong of [id, "dlv_1", "dlv_0", "dlv_99999999999999999999", "dlv_1e3", "%00", "17"]) {
      if (wrong === "dlv_1" && id === "dlv_1") continue
      const url = `${path}/deliveries/${wrong}`
      expect(await service.call("GET", url)).toMatchObject(problem(404, "delivery_not_found"))
      expect(await post(`${url}/redeliver`)).toMatchObject(problem(404, "delivery_not_found"))
    }
    expect(await service.call("GET", `${UNKNOWN}/deliveries/${id}`)).toMatchObject(
      problem(404, "delivery_not_found"),
    )
  })
})
