import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { stock } from "../support/engine.ts"
import { moveBack } from "../support/move-hold.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
beforeAll(async () => {
  service = await createTestService({ holds: { ttlSecondsMax: 1000, lifetimeSecondsMax: 1500 } })
})
afterAll(() => service.close())

const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const UNKNOWN_ID = "rsv_0197c0de5f0a7000a1b2c3d4e5f60718"

const reserve = (body: unknown, headers = {}) => service.call("POST", "/v1/reservations", { body, headers })
const command = (id: string, name: string, body?: unknown) =>
  service.call("POST", `/v1/reservations/${id}/${name}`, body === undefined ? {} : { body })

/** A hold of one unit of an item of its own. */
async function hold(sku: string, more: object = {}): Promise<string> {
  await stock(service.engine, sku, { BERLIN: 10 })
  const { body } = await reserve({ lines: [{ sku, quantity: 1 }], ...more })
  return body.id
}

const DAY_SECONDS = 86_400
const uuidOf = (id: string) => id.slice("rsv_".length)

/** Moves a hold so far into the past that its deadline is over. */
function makeOverdue(id: string): Promise<void> {
  const uuid = uuidOf(id)
  return moveBack(service.pool, { uuid, createdBySeconds: DAY_SECONDS, expiresBySeconds: DAY_SECONDS })
}

describe("POST /v1/reservations", () => {
  test("answers 201 with the reservation and its Location", async () => {
    await stock(service.engine, "MUG", { BERLIN: 10 })
    const answer = await reserve({
      customerId: "c-1",
      lines: [{ sku: "MUG", quantity: 2, location: "BERLIN" }],
      ttlSeconds: 60,
      metadata: { cart: 7 },
    })
    expect(answer).toMatchObject({ status: 201, headers: { location: `/v1/reservations/${answer.body.id}` } })
    expect(answer.headers["idempotent-replayed"]).toBeUndefined()
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^rsv_[0-9a-f]{32}$/),
      state: "held",
      customerId: "c-1",
      lines: [{ sku: "MUG", location: "BERLIN", quantity: 2 }],
      ttlSeconds: 60,
      expiresAt: MOMENT,
      createdAt: MOMENT,
      updatedAt: MOMENT,
      reference: null,
      metadata: { cart: 7 },
      durability: "durable",
    })
    const { createdAt, expiresAt } = answer.body
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(60_000)
    expect((await service.call("GET", `/v1/reservations/${answer.body.id}`)).body).toEqual(answer.body)
  })

  test("answers 200 on replay with the reservation as it stands now, and 422 to another body", async () => {
    await stock(service.engine, "TWIN", { BERLIN: 1 })
    const body = { lines: [{ sku: "TWIN", quantity: 1 }], customerId: "c" }
    const first = await reserve(body, { "idempotency-key": "k-1" })
    expect(first).toMatchObject({ status: 201 })
    await command(first.body.id, "confirm")
    for (const key of ["k-1", '"k-1"']) {
      expect(
        await reserve({ customerId: "c", lines: [{ quantity: 1, sku: "TWIN" }] }, { "idempotency-key": key }),
      ).toMatchObject({
        status: 200,
        headers: { "idempotent-replayed": "true" },
        body: { id: first.body.id, state: "confirmed" },
      })
    }
    expect(await reserve({ ...body, customerId: "d" }, { "idempotency-key": "k-1" })).toMatchObject(
      problem(422, "idempotency_key_reused"),
    )
  })

  test("answers 409 with every shortage, and changes nothing", async () => {
    await stock(service.engine, "SHORT", { BERLIN: 2 })
    await stock(service.engine, "PLENTY", { BERLIN: 9, PARIS: 1 })
    const lines = [
      { sku: "SHORT", quantity: 3 },
      { sku: "PLENTY", quantity: 2, location: "PARIS" },
      { sku: "PLENTY", quantity: 1 },
    ]
    expect(await reserve({ lines })).toMatchObject(
      problem(409, "insufficient_stock", {
        shortages: expect.arrayContaining([
          { sku: "SHORT", requested: 3, available: 2 },
          { sku: "PLENTY", location: "PARIS", requested: 2, available: 1 },
        ]),
      }),
    )
    expect((await service.call("GET", "/v1/items/PLENTY")).body).toMatchObject({ held: 0 })
  })

  test("answers 404 for an item or a location that does not exist; a location without the item is short", async () => {
    await stock(service.engine, "KNOWN", { BERLIN: 1 })
    await service.engine.putLocation({ code: "EMPTY", name: "Empty" })
    const one = (line: object) => reserve({ lines: [{ quantity: 1, ...line }] })
    expect(await one({ sku: "NONE" })).toMatchObject(problem(404, "item_not_found"))
    expect(await one({ sku: "KNOWN", location: "NONE" })).toMatchObject(problem(404, "location_not_found"))
    expect(await one({ sku: "KNOWN", location: "EMPTY" })).toMatchObject(
      problem(409, "insufficient_stock", {
        shortages: [{ sku: "KNOWN", location: "EMPTY", requested: 1, available: 0 }],
      }),
    )
  })

  test("replaces a hold of the same customer, and nobody else's", async () => {
    await stock(service.engine, "LAST", { BERLIN: 1 })
    const body = { lines: [{ sku: "LAST", quantity: 1 }], customerId: "c-1" }
    const first = await reserve(body)
    const second = await reserve({ ...body, replaces: first.body.id })
    expect(second).toMatchObject({ status: 201 })
    expect((await service.call("GET", `/v1/reservations/${first.body.id}`)).body.state).toBe("released")
    for (const replaces of [UNKNOWN_ID, "nonsense", ""]) {
      expect(await reserve({ ...body, replaces })).toMatchObject(problem(404, "reservation_not_found"))
    }
    expect(await reserve({ ...body, customerId: "c-2", replaces: second.body.id })).toMatchObject(
      problem(404, "reservation_not_found"),
    )
    await command(second.body.id, "confirm")
    expect(await reserve({ ...body, replaces: second.body.id })).toMatchObject(
      problem(409, "reservation_confirmed"),
    )
  })

  test("refuses a ttl over the configured cap", async () => {
    await stock(service.engine, "TTL", { BERLIN: 5 })
    const body = { lines: [{ sku: "TTL", quantity: 1 }] }
    expect(await reserve({ ...body, ttlSeconds: 1000 })).toMatchObject({ status: 201 })
    for (const ttlSeconds of [1001, 0, 1.5, "60"]) {
      expect(await reserve({ ...body, ttlSeconds })).toMatchObject(invalid("/ttlSeconds"))
    }
  })

  test("takes 100 lines, and a sum of a million", async () => {
    await stock(service.engine, "MANY", { BERLIN: 1_000_000 })
    const line = { sku: "MANY", quantity: 1 }
    const lines = (count: number) => Array.from({ length: count }, () => line)
    const taken = await reserve({ lines: lines(100) })
    expect(taken).toMatchObject({ status: 201, body: { lines: [{ quantity: 100 }] } })
    await command(taken.body.id, "release")
    expect(await reserve({ lines: lines(101) })).toMatchObject(invalid("/lines"))
    const most = { ...line, quantity: 999_999 }
    expect(await reserve({ lines: [most, line] })).toMatchObject({ status: 201 })
    expect(await reserve({ lines: [most, line, line] })).toMatchObject(invalid("/lines"))
  })
})

describe("the table of states", () => {
  test("held: confirm and release end it; asking again gives the same answer", async () => {
    const confirmed = await hold("S-CONFIRM")
    const answer = await command(confirmed, "confirm", { reference: "order-1" })
    expect(answer).toMatchObject({ status: 200, body: { state: "confirmed", reference: "order-1" } })
    const again = await command(confirmed, "confirm", { reference: "order-2" })
    expect(again).toMatchObject({ status: 200, body: { ...answer.body } })

    const released = await hold("S-RELEASE")
    expect(await command(released, "release", { reason: "x" })).toMatchObject({
      status: 200,
      body: { state: "released" },
    })
    expect(await command(released, "release")).toMatchObject({ status: 200, body: { state: "released" } })
  })

  test("confirmed: release and extend are refused", async () => {
    const id = await hold("S-CONFIRMED")
    await command(id, "confirm")
    expect(await command(id, "release")).toMatchObject(problem(409, "reservation_confirmed"))
    expect(await command(id, "extend", { ttlSeconds: 10 })).toMatchObject(
      problem(409, "reservation_confirmed"),
    )
  })

  test("released: confirm and extend are refused", async () => {
    const id = await hold("S-RELEASED")
    await command(id, "release")
    expect(await command(id, "confirm")).toMatchObject(problem(409, "reservation_released"))
    expect(await command(id, "extend", { ttlSeconds: 10 })).toMatchObject(
      problem(409, "reservation_released"),
    )
  })

  test("overdue and expired: confirm and extend are gone, release is fine", async () => {
    for (const first of ["confirm", "release", "extend"]) {
      const id = await hold(`S-${first}`)
      await makeOverdue(id)
      expect((await service.call("GET", `/v1/reservations/${id}`)).body.state).toBe("expired")
      for (const name of [first, "confirm", "release", "extend"]) {
        const answer = await command(id, name, name === "extend" ? { ttlSeconds: 10 } : {})
        if (name === "release") expect(answer).toMatchObject({ status: 200, body: { state: "expired" } })
        else expect(answer).toMatchObject(problem(410, "reservation_expired"))
      }
    }
  })

  test("extend moves the deadline, never back, and not past the lifetime", async () => {
    const id = await hold("S-EXTEND", { ttlSeconds: 900 })
    const { body } = await command(id, "extend", { ttlSeconds: 1000 })
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBeGreaterThanOrEqual(1_000_000)
    const shorter = await command(id, "extend", { ttlSeconds: 1 })
    expect(shorter).toMatchObject({ status: 200, body: { expiresAt: body.expiresAt } })
    await moveBack(service.pool, { uuid: uuidOf(id), createdBySeconds: 800, expiresBySeconds: 0 })
    expect(await command(id, "extend", { ttlSeconds: 1000 })).toMatchObject(problem(422, "lifetime_exceeded"))
    expect((await service.call("GET", `/v1/reservations/${id}`)).body.expiresAt).toBe(body.expiresAt)
    expect(await command(id, "extend", { ttlSeconds: 1001 })).toMatchObject(invalid("/ttlSeconds"))
    expect(await command(id, "extend", {})).toMatchObject(invalid("/ttlSeconds"))
    expect(await command(id, "extend")).toMatchObject(invalid(""))
  })
})

describe("an id that was never issued", () => {
  test("is a 404, well formed or not", async () => {
    const ids = [
      UNKNOWN_ID,
      "x",
      "rsv_",
      UNKNOWN_ID.toUpperCase(),
      `${UNKNOWN_ID}0`,
      "%00",
      "a%2Fb",
      "%F0%9F%98%80",
      "x".repeat(5000),
      "1'--",
    ]
    for (const id of ids) {
      expect(await service.call("GET", `/v1/reservations/${id}`), id).toMatchObject(
        problem(404, "reservation_not_found"),
      )
      for (const name of ["confirm", "release"]) {
        expect(await command(id, name), id).toMatchObject(problem(404, "reservation_not_found"))
      }
      expect(await command(id, "extend", { ttlSeconds: 10 }), id).toMatchObject(
        problem(404, "reservation_not_found"),
      )
    }
  })
})

describe("GET /v1/reservations", () => {
  test("lists newest first, page by page, filtered", async () => {
    await stock(service.engine, "LIST-A", { BERLIN: 10 })
    await stock(service.engine, "LIST-B", { BERLIN: 10 })
    const ids: string[] = []
    for (const sku of ["LIST-A", "LIST-B", "LIST-A"]) {
      ids.unshift((await reserve({ customerId: "lister", lines: [{ sku, quantity: 1 }] })).body.id)
    }
    const [newest = ""] = ids
    await command(newest, "release")
    const list = async (query: string) => {
      const { body } = await service.call("GET", `/v1/reservations?${query}`)
      return { ids: body.data.map(({ id }: { id: string }) => id), nextCursor: body.nextCursor }
    }
    expect(await list("customerId=lister")).toEqual({ ids, nextCursor: null })
    expect((await list("customerId=lister&state=released")).ids).toEqual([newest])
    expect((await list("sku=LIST-A")).ids).toEqual([ids[0], ids[2]])
    const first = await list("customerId=lister&limit=2")
    expect(first.ids).toEqual(ids.slice(0, 2))
    expect(await list(`customerId=lister&limit=2&cursor=${encodeURIComponent(first.nextCursor)}`)).toEqual({
      ids: ids.slice(2),
      nextCursor: null,
    })
    expect((await list("customerId=nobody")).ids).toEqual([])
  })
})
