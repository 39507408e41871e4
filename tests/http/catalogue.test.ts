import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

let service: TestService
beforeAll(async () => {
  service = await createTestService()
})
afterAll(() => service.close())

const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe("PUT /v1/items/{sku}", () => {
  test("makes an item, and then replaces the whole of it", async () => {
    const body = {
      name: "Mug",
      description: "Blue",
      imageUrl: "https://x.example/m.png",
      metadata: { a: [1, null] },
    }
    const made = await service.call("PUT", "/v1/items/PUT-1", { body })
    const stock = { lowStockThreshold: null, available: 0, onHand: 0, held: 0, locations: [] }
    expect(made).toMatchObject({ status: 201 })
    expect(made.body).toEqual({ sku: "PUT-1", ...body, ...stock, createdAt: MOMENT, updatedAt: MOMENT })

    const changed = await service.call("PUT", "/v1/items/PUT-1", { body: { name: "Cup" } })
    expect(changed).toMatchObject({ status: 200 })
    expect(changed.body).toEqual({
      sku: "PUT-1",
      name: "Cup",
      description: null,
      imageUrl: null,
      metadata: {},
      ...stock,
      createdAt: made.body.createdAt,
      updatedAt: MOMENT,
    })
  })

  test("takes a sku of 64 characters and refuses 65, as it does every other ill-formed one", async () => {
    const put = (sku: string) => service.call("PUT", `/v1/items/${sku}`, { body: { name: "x" } })
    expect(await put("a".repeat(64))).toMatchObject({ status: 201 })
    for (const sku of ["a".repeat(65), "a".repeat(5000), "a%20b", "a%2Fb", "%00", ".a", "%C3%A9", "a%0A"]) {
      expect(await put(sku), sku).toMatchObject(invalid("/params/sku"))
    }
  })

  test("keeps metadata member for member", async () => {
    const payload =
      '{"name":"x","metadata":{"b":1,"a":{"constructor":{"prototype":1}},"n":1e-7,"s":"\\ud83d\\ude00"}}'
    const headers = { "content-type": "application/json" }
    await service.call("PUT", "/v1/items/META", { payload, headers })
    expect((await service.call("GET", "/v1/items/META")).body.metadata).toEqual(JSON.parse(payload).metadata)
  })

  test("needs a name, and refuses what it does not know", async () => {
    const put = (body: unknown) => service.call("PUT", "/v1/items/BAD", { body })
    expect(await put({})).toMatchObject(invalid("/name"))
    expect(await put({ name: "x", colour: "red" })).toMatchObject(invalid("/colour"))
    expect(await put({ name: "x", imageUrl: "ftp://x" })).toMatchObject(invalid("/imageUrl"))
    expect(await service.call("GET", "/v1/items/BAD")).toMatchObject(problem(404, "item_not_found"))
  })
})

describe("GET /v1/items", () => {
  test("shows stock by location, the one that is asked first in front", async () => {
    await service.call("PUT", "/v1/items/STOCK", { body: { name: "Stock" } })
    await service.call("PUT", "/v1/locations/SECOND", { body: { name: "Second", priority: 2 } })
    await service.call("PUT", "/v1/locations/FIRST", { body: { name: "First", priority: 1 } })
    for (const [location, delta] of [
      ["SECOND", 5],
      ["FIRST", 3],
    ]) {
      const body = { sku: "STOCK", location, delta, reason: "received" }
      await service.call("POST", "/v1/stock/adjustments", { body })
    }
    await service.call("POST", "/v1/reservations", { body: { lines: [{ sku: "STOCK", quantity: 1 }] } })
    const sums = {
      available: 7,
      onHand: 8,
      held: 1,
      locations: [
        { location: "FIRST", onHand: 3, held: 1, safetyStock: 0, available: 2, version: 2 },
        { location: "SECOND", onHand: 5, held: 0, safetyStock: 0, available: 5, version: 1 },
      ],
    }
    const item = await service.call("GET", "/v1/items/STOCK")
    expect(item).toMatchObject({ status: 200, body: { sku: "STOCK", name: "Stock", ...sums } })
    const availability = await service.call("GET", "/v1/items/STOCK/availability")
    expect(availability).toMatchObject({ status: 200 })
    expect(availability.body).toEqual({ sku: "STOCK", ...sums, asOf: MOMENT })
  })

  test("pages by sku with an opaque cursor, and searches in any case", async () => {
    for (const n of [3, 1, 2])
      await service.call("PUT", `/v1/items/PAGE-${n}`, { body: { name: `Über ${n}_%` } })
    const first = await service.call("GET", "/v1/items?q=page-&limit=2")
    expect(first.body.data.map((item: { sku: string }) => item.sku)).toEqual(["PAGE-1", "PAGE-2"])
    const rest = await service.call(
      "GET",
      `/v1/items?q=page-&limit=2&cursor=${encodeURIComponent(first.body.nextCursor)}`,
    )
    expect(rest.body).toMatchObject({ data: [{ sku: "PAGE-3" }], nextCursor: null })
    expect((await service.call("GET", "/v1/items?q=3_%25")).body.data).toHaveLength(1)
    expect((await service.call("GET", "/v1/items?q=nothing-like-it")).body).toEqual({
      data: [],
      nextCursor: null,
    })
  })

  test("answers 404 for an item that does not exist", async () => {
    for (const path of ["/v1/items/NONE", "/v1/items/NONE/availability"]) {
      expect(await service.call("GET", path)).toMatchObject(problem(404, "item_not_found"))
    }
    expect(await service.call("GET", "/v1/items/a%20b/availability")).toMatchObject(invalid("/params/sku"))
  })
})

describe("locations", () => {
  test("are made, replaced and listed", async () => {
    const body = { name: "Paris", priority: -5, metadata: { a: 1 } }
    const made = await service.call("PUT", "/v1/locations/PARIS", { body })
    expect(made).toMatchObject({ status: 201 })
    expect(made.body).toEqual({ code: "PARIS", ...body, createdAt: MOMENT, updatedAt: MOMENT })
    const changed = await service.call("PUT", "/v1/locations/PARIS", { body: { name: "Lutetia" } })
    expect(changed).toMatchObject({ status: 200, body: { name: "Lutetia", priority: 0, metadata: {} } })
    const list = await service.call("GET", "/v1/locations?limit=200")
    expect(list.body.data).toContainEqual(changed.body)
    expect(list.body.nextCursor).toBeNull()
  })

  test("are listed page by page, each once", async () => {
    const seen: string[] = []
    let cursor = ""
    do {
      const page = await service.call("GET", `/v1/locations?limit=1${cursor}`)
      seen.push(...page.body.data.map((location: { code: string }) => location.code))
      cursor = page.body.nextCursor === null ? "" : `&cursor=${encodeURIComponent(page.body.nextCursor)}`
    } while (cursor !== "")
    const all = await service.call("GET", "/v1/locations")
    expect(seen).toEqual(all.body.data.map((location: { code: string }) => location.code))
    expect(new Set(seen).size).toBe(seen.length)
  })

  test("refuse what breaks a limit", async () => {
    const put = (code: string, body: unknown) => service.call("PUT", `/v1/locations/${code}`, { body })
    expect(await put("a".repeat(65), { name: "x" })).toMatchObject(invalid("/params/code"))
    expect(await put("X", { name: "x", priority: 1_000_001 })).toMatchObject(invalid("/priority"))
    expect(await put("X", { name: "x", priority: "1" })).toMatchObject(invalid("/priority"))
    expect(await put("X", { name: "x", metadata: { a: "x".repeat(4096) } })).toMatchObject(
      invalid("/metadata"),
    )
  })
})
