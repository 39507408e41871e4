import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
beforeAll(async () => {
  service = await createTestService()
})
afterAll(() => service.close())

const adjust = (body: object, headers = {}) =>
  service.call("POST", "/v1/stock/adjustments", { body, headers })
const setSafetyStock = (path: string, body: unknown) => service.call("PATCH", `/v1/stock/${path}`, { body })

describe("POST /v1/stock/adjustments", () => {
  test("answers 201 with the stock level afterwards", async () => {
    await stock(service.engine, "MUG", { BERLIN: 0 })
    const answer = await adjust({
      sku: "MUG",
      location: "BERLIN",
      delta: 12,
      reason: "received",
      reference: "PO-1",
    })
    expect(answer).toMatchObject({ status: 201 })
    expect(answer.body).toEqual({
      sku: "MUG",
      location: "BERLIN",
      onHand: 12,
      held: 0,
      safetyStock: 0,
      available: 12,
      version: 2,
    })
    expect(answer.headers["idempotent-replayed"]).toBeUndefined()
  })

  test("answers 200 on replay with the level as it stands now, and 422 to the same key with another body", async () => {
    await stock(service.engine, "KEYED", { BERLIN: 0 })
    const body = { sku: "KEYED", location: "BERLIN", delta: 5, reason: "counted" }
    expect(await adjust(body, { "idempotency-key": "adj-1" })).toMatchObject({
      status: 201,
      body: { onHand: 5 },
    })
    await adjust({ ...body, delta: 2 })
    expect(await adjust(body, { "idempotency-key": '"adj-1"' })).toMatchObject({
      status: 200,
      headers: { "idempotent-replayed": "true" },
      body: { onHand: 7 },
    })
    expect(await adjust({ ...body, delta: 6 }, { "idempotency-key": "adj-1" })).toMatchObject(
      problem(422, "idempotency_key_reused"),
    )
  })

  test("answers 409 when fewer units would be on hand than are held", async () => {
    await stock(service.engine, "HELD", { BERLIN: 3 })
    await service.engine.reserve({ lines: [{ sku: "HELD", quantity: 2 }] })
    const body = { sku: "HELD", location: "BERLIN", reason: "damaged" }
    expect(await adjust({ ...body, delta: -2 })).toMatchObject(problem(409, "stock_below_held"))
    expect(await adjust({ ...body, delta: -1 })).toMatchObject({
      status: 201,
      body: { onHand: 2, available: 0 },
    })
  })

  test("answers 404 for an item or a location that does not exist", async () => {
    await stock(service.engine, "KNOWN", { BERLIN: 1 })
    const body = { delta: 1, reason: "other" }
    expect(await adjust({ ...body, sku: "NONE", location: "BERLIN" })).toMatchObject(
      problem(404, "item_not_found"),
    )
    expect(await adjust({ ...body, sku: "KNOWN", location: "NONE" })).toMatchObject(
      problem(404, "location_not_found"),
    )
  })

  test("has its edges at a billion a time and a trillion on hand", async () => {
    await stock(service.engine, "BULK", { BERLIN: 0 })
    const body = { sku: "BULK", location: "BERLIN", reason: "received" }
    for (const delta of [1_000_000_001, -1_000_000_001, 0, 1.5, "1"]) {
      expect(await adjust({ ...body, delta })).toMatchObject(invalid("/delta"))
    }
    expect(await adjust({ ...body, delta: 1_000_000_000 })).toMatchObject({ status: 201 })
    const level = { sku: "BULK", location: "BERLIN", reason: "received" } as const
    // A thousand of the largest adjustments fill a level; one unit short of that, two are too many.
    await Promise.all(
      Array.from({ length: 998 }, () => service.engine.adjust({ ...level, delta: 1_000_000_000 })),
    )
    await adjust({ ...body, delta: 999_999_999 })
    expect(await adjust({ ...body, delta: 2 })).toMatchObject(invalid("/delta"))
    expect(await adjust({ ...body, delta: 1 })).toMatchObject({
      status: 201,
      body: { onHand: 1_000_000_000_000 },
    })
  })

  test("names what is wrong", async () => {
    expect(await adjust({ sku: "a b", location: "", delta: null, reason: "x", note: 1 })).toMatchObject(
      invalid("/sku", "/location", "/delta", "/reason", "/note"),
    )
  })
})

describe("PATCH /v1/stock/{sku}/{location}", () => {
  test("answers 200 with the level, made if it is new", async () => {
    await stock(service.engine, "SAFE", { BERLIN: 4 })
    expect(await setSafetyStock("SAFE/BERLIN", { safetyStock: 6 })).toMatchObject({
      status: 200,
      body: { sku: "SAFE", location: "BERLIN", onHand: 4, safetyStock: 6, available: 0, version: 2 },
    })
    await service.engine.putLocation({ code: "NEW", name: "New" })
    expect(await setSafetyStock("SAFE/NEW", { safetyStock: 1 })).toMatchObject({
      status: 200,
      body: { location: "NEW", onHand: 0, safetyStock: 1, version: 1 },
    })
  })

  test("answers 404 for an item or a location that does not exist, and 400 to what is not valid", async () => {
    await stock(service.engine, "SAFE2", { BERLIN: 1 })
    expect(await setSafetyStock("NONE/BERLIN", { safetyStock: 1 })).toMatchObject(
      problem(404, "item_not_found"),
    )
    expect(await setSafetyStock("SAFE2/NONE", { safetyStock: 1 })).toMatchObject(
      problem(404, "location_not_found"),
    )
    expect(await setSafetyStock("a%20b/BERLIN", { safetyStock: 1 })).toMatchObject(invalid("/params/sku"))
    for (const safetyStock of [-1, 1_000_000_000_001, 0.5, "1", null]) {
      expect(await setSafetyStock("SAFE2/BERLIN", { safetyStock })).toMatchObject(invalid("/safetyStock"))
    }
    expect(await setSafetyStock("SAFE2/BERLIN", {})).toMatchObject(invalid("/safetyStock"))
    expect(await setSafetyStock("SAFE2/BERLIN", { safetyStock: 1_000_000_000_000 })).toMatchObject({
      status: 200,
    })
  })
})
