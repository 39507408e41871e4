/** Each resource against the real service: what is asked for happens, and what is answered is what the library says. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ListeningService, startListening } from "../http/raw-connection.ts"
import { rejectionOf, type TestClient, testClient } from "../support/client.ts"
import { stock } from "../support/engine.ts"

let service: ListeningService
let client: TestClient
beforeAll(async () => {
  service = await startListening({ webhookAllow: ["127.0.0.1/32"] })
  client = testClient(service.listensOn, { actor: "tester Zoë" })
  await stock(service.engine, "MUG", { BERLIN: 1000, LAX: 10 })
})
afterAll(() => service.close())

const collect = async <Row>(rows: AsyncIterable<Row>): Promise<Row[]> => {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe("reservations", () => {
  test("live from reserve to confirm, and tell their journal", async () => {
    const held = await client.reservations.reserve({
      customerId: "c-1",
      lines: [{ sku: "MUG", quantity: 2, location: "BERLIN" }],
      ttlSeconds: 60,
      metadata: { cart: ["a", { b: 1 }] },
    })
    expect(held).toMatchObject({ state: "held", customerId: "c-1", metadata: { cart: ["a", { b: 1 }] } })
    const { expiresAt } = await client.reservations.extend(held.id, { ttlSeconds: 600 })
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.parse(held.expiresAt))
    const sold = await client.reservations.confirm(held.id, { reference: "o-1" })
    expect(sold).toMatchObject({ id: held.id, state: "confirmed", reference: "o-1" })
    expect(await client.reservations.get(held.id)).toEqual(sold)
    const { data, isComplete } = await client.reservations.journal(held.id)
    expect(data.map(({ kind, actor }) => [kind, actor])).toEqual([
      ["held", "tester Zoë"],
      ["extended", "tester Zoë"],
      ["confirmed", "tester Zoë"],
    ])
    expect(isComplete).toBe(true)
    expect(await rejectionOf(client.reservations.release(held.id))).toMatchObject({
      code: "reservation_confirmed",
    })
  })

  test("are told from those that were there before", async () => {
    const basket = { lines: [{ sku: "MUG", quantity: 1 }] } as const
    const made = await client.reservations.reserve(basket, { idempotencyKey: "cart-1" })
    expect(made).toMatchObject({ state: "held", replayed: false })
    const sold = await client.reservations.confirm(made.id)
    const again = await client.reservations.reserve(basket, { idempotencyKey: "cart-1" })
    expect(again).toEqual({ ...sold, replayed: true })
  })

  test("may be confirmed and released without a word more", async () => {
    const basket = { lines: [{ sku: "MUG", quantity: 1 }] } as const
    const one = await client.reservations.reserve(basket)
    expect(await client.reservations.confirm(one.id)).toMatchObject({ state: "confirmed" })
    const other = await client.reservations.reserve(basket)
    expect(await client.reservations.release(other.id, { reason: "too late" })).toMatchObject({
      state: "released",
    })
  })

  test("are listed newest first, page by page, and all of them once", async () => {
    const ids: string[] = []
    for (let count = 0; count < 7; count += 1) {
      const { id } = await client.reservations.reserve(
        { customerId: "many", lines: [{ sku: "MUG", quantity: 1 }] },
        { actor: "another" },
      )
      ids.unshift(id)
    }
    const listing = client.reservations.list({ customerId: "many", limit: 3 })
    expect((await collect(listing)).map(({ id }) => id)).toEqual(ids)
    expect((await collect(listing.pages())).map(({ data }) => data.length)).toEqual([3, 3, 1])
    const { data, nextCursor, asOf } = await listing.page()
    expect(data.map(({ id }) => id)).toEqual(ids.slice(0, 3))
    expect(Date.parse(asOf ?? "")).toBeGreaterThan(0)
    const rest = client.reservations.list({ customerId: "many", cursor: nextCursor ?? "" })
    expect((await collect(rest)).map(({ id }) => id)).toEqual(ids.slice(3))
    expect(await collect(client.reservations.list({ customerId: "nobody" }))).toEqual([])
  })

  test("that would be refused are explained, with who holds the units where that is asked", async () => {
    const basket = { lines: [{ sku: "MUG", quantity: 11, location: "LAX" }] }
    const { wouldSucceed, lines } = await client.reservations.explain(basket)
    expect([wouldSucceed, lines[0]?.missing]).toEqual([false, 1])
    const named = await client.reservations.explainWithHolders(basket)
    expect(named.lines[0]?.locations[0]?.holders).toEqual([])
  })
})

describe("items, locations and stock", () => {
  test("are made, changed, read and listed", async () => {
    const item = await client.items.put("CUP", { name: "Cup", metadata: { colour: "blue" } })
    expect(item).toMatchObject({ sku: "CUP", name: "Cup", available: 0 })
    expect(await client.items.get("CUP")).toEqual(item)
    expect((await collect(client.items.list({ q: "cup" }))).map(({ sku }) => sku)).toEqual(["CUP"])
    const location = await client.locations.put("PARIS", { name: "Paris", priority: 9 })
    expect(await collect(client.locations.list({ limit: 1 }))).toContainEqual(location)
    const adjustment = { sku: "CUP", location: "PARIS", delta: 5, reason: "received" } as const
    const level = { sku: "CUP", location: "PARIS", onHand: 5, held: 0 }
    expect(await client.stock.adjust(adjustment)).toMatchObject(level)
    expect(await client.stock.setSafetyStock("CUP", "PARIS", { safetyStock: 2 })).toMatchObject({
      ...level,
      available: 3,
    })
    expect(await client.stock.get("CUP")).toMatchObject({ sku: "CUP", available: 3 })
    expect(await collect(client.stock.list({ limit: 1 }))).toMatchObject([
      { ...level, available: 3 },
      { sku: "MUG", location: "BERLIN" },
      { sku: "MUG", location: "LAX" },
    ])
    const same = await client.stock.adjust(adjustment, { idempotencyKey: "delivery-1" })
    expect(same).toMatchObject({ onHand: 10, replayed: false })
    const again = await client.stock.adjust(adjustment, { idempotencyKey: "delivery-1" })
    expect(again).toEqual({ ...same, replayed: true })
  })

  test("tell their journal, since a moment and in either order", async () => {
    const since = new Date(Date.now() - 3_600_000)
    const listing = client.stock.journal("CUP", { order: "oldest", since, limit: 1 })
    expect((await collect(listing)).map(({ version, kind }) => [version, kind])).toEqual([
      [1, "adjusted"],
      [2, "safety_stock_set"],
      [3, "adjusted"],
    ])
    expect(await listing.page()).toMatchObject({ isComplete: true, keptSince: null })
    const before = client.stock.journal("CUP", { location: "PARIS", until: since })
    expect(await collect(before)).toEqual([])
  })

  test("may be granted by Redis", async () => {
    expect(await client.items.setHot("CUP", { target: 3 })).toMatchObject({ sku: "CUP", target: 3 })
    expect(await client.items.listHot()).toMatchObject([{ sku: "CUP", target: 3 }])
    await client.items.setHot("CUP", { target: 0 })
  })
})

test("events are read a page at a time, and lead on when nothing is new", async () => {
  const first = await client.events.page({ sku: "CUP", limit: 2 })
  expect(first.data.map(({ type, subject }) => [type, subject])).toEqual([
    ["stock.adjusted", "CUP/PARIS"],
    ["stock.availability_changed", "CUP/PARIS"],
  ])
  const { nextCursor } = await client.events.page({ after: first.nextCursor, limit: 200 })
  const none = await client.events.page({ after: nextCursor })
  expect(none).toMatchObject({ data: [], nextCursor: expect.any(String), asOf: expect.any(String) })
})

test("webhooks are made, changed, tested, rotated and removed", async () => {
  const { secret, ...made } = await client.webhooks.add({ url: "http://127.0.0.1:9999/in", skus: ["CUP"] })
  expect(secret).toMatch(/^whsec_/)
  expect(await client.webhooks.get(made.id)).toEqual(made)
  expect(await collect(client.webhooks.list({ limit: 1 }))).toEqual([made])
  const sent = await client.webhooks.test(made.id)
  expect(sent).toMatchObject({ state: "waiting", event: { type: "webhook.test" } })
  expect(await collect(client.webhooks.deliveries(made.id, { state: "waiting" }))).toEqual([sent])
  expect(await client.webhooks.delivery(made.id, sent.id)).toMatchObject({ id: sent.id, log: [] })
  expect(await client.webhooks.redeliver(made.id, sent.id)).toMatchObject({ state: "waiting" })
  const rotated = await client.webhooks.rotateSecret(made.id, { overlapSeconds: 60 })
  expect(rotated).toMatchObject({ id: made.id, secret: expect.stringMatching(/^whsec_/) })
  expect(rotated.secret).not.toBe(secret)
  const changed = await client.webhooks.change(made.id, { skus: null, disabled: true })
  expect(changed).toMatchObject({ skus: null, state: "disabled" })
  expect(await client.webhooks.remove(made.id)).toBeUndefined()
  expect(await rejectionOf(client.webhooks.remove(made.id))).toMatchObject({ code: "webhook_not_found" })
})

test("the clock is the one that deadlines go by", async () => {
  const before = await client.clock.now()
  const ttlSeconds = 60
  const { expiresAt } = await client.reservations.reserve({
    lines: [{ sku: "MUG", quantity: 1 }],
    ttlSeconds,
  })
  const after = await client.clock.now()
  const deadline = (now: string) => Date.parse(now) + ttlSeconds * 1000
  expect(deadline(before.now)).toBeLessThanOrEqual(Date.parse(expiresAt))
  expect(deadline(after.now)).toBeGreaterThanOrEqual(Date.parse(expiresAt))
})

test("the service says how it is", async () => {
  expect(await client.health.live()).toEqual({ status: "ok" })
  expect(await client.health.ready()).toEqual({ status: "ok" })
  expect(await client.health.readyInDetail()).toMatchObject({ status: "ok", sinks: expect.any(Array) })
  expect(await client.health.metrics()).toContain("earmark_")
})

test("one that is not ready says why, at once", async () => {
  const away = await startListening({
    readiness: () => Promise.resolve({ ready: false, reasons: ["the database is away"] }),
  })
  const asking = testClient(away.listensOn)
  expect(await rejectionOf(asking.health.ready())).toMatchObject({
    code: "unavailable",
    detail: "Not ready: the database is away.",
    attempts: 1,
  })
  await away.close()
})

test("whatever stands in a path is one step of it, which the service judges", async () => {
  for (const id of [".", "..", "a/b", "a?b", "a#b", "%2e%2e", "é", "\ud800", "a b", "../items/MUG"]) {
    expect(await rejectionOf(client.reservations.get(id)), id).toMatchObject({
      code: "reservation_not_found",
    })
    expect(await rejectionOf(client.items.get(id)), id).toMatchObject({
      code: "invalid_request",
      errors: [{ pointer: "/params/sku" }],
    })
  }
  expect(await rejectionOf(client.items.get(""))).toMatchObject({ code: "not_found" })
})

test("a path in front of the service is kept", async () => {
  const behind = testClient(`${service.listensOn}/shop/`)
  expect(await rejectionOf(behind.items.get("MUG"))).toMatchObject({ code: "not_found" })
  const seen: string[] = []
  const fetch = (url: unknown, init?: RequestInit) => {
    seen.push(String(url))
    return globalThis.fetch(String(url).replace("/shop/", "/"), init)
  }
  const through = testClient(`${service.listensOn}/shop/`, { fetch: fetch as typeof globalThis.fetch })
  expect(await through.items.get("MUG")).toMatchObject({ sku: "MUG" })
  expect(seen).toEqual([`${service.listensOn}/shop/v1/items/MUG`])
})
