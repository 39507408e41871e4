/** Who, what, when, why, before and after, of every kind of change with every strategy. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createEngine, type JournalView, STRATEGIES } from "../../src/index.ts"
import { untilDatabaseTime } from "../support/database-clock.ts"
import { stock } from "../support/engine.ts"
import { expectChained, expectEffects, readJournal } from "../support/journal.ts"
import { createTestService, invalid, problem, type TestService } from "./service.ts"

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
/** What passes to and from Redis. */
const ALLOTMENTS = ["allotted", "drawn", "given_back"]

describe.each(STRATEGIES)("with the strategy %s", (strategy) => {
  let service: TestService
  beforeAll(async () => {
    service = await createTestService({ strategy })
  })
  afterAll(() => service.close())

  const post = async (path: string, body: object, actor = "till-7") => {
    const headers = { "earmark-actor": actor, traceparent: TRACE }
    const answer = await service.call("POST", path, { body, headers })
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
    return answer.body
  }
  const reserve = async (body: object): Promise<string> => (await post("/v1/reservations", body)).id
  const stockJournal = async (query = ""): Promise<JournalView[]> =>
    (await service.call("GET", `/v1/stock/MUG/journal?limit=200${query}`)).body.data

  test("every kind of change has its level before and after, who asked, and why", async () => {
    const { engine } = service
    await stock(engine, "MUG", { LAX: 0 })
    await post("/v1/stock/adjustments", {
      sku: "MUG",
      location: "LAX",
      delta: 20,
      reason: "received",
      reference: "PO-1",
    })
    await service.call("PATCH", "/v1/stock/MUG/LAX", {
      body: { safetyStock: 2 },
      headers: { "earmark-actor": "ops" },
    })
    await service.heat("MUG")
    const lines = [{ sku: "MUG", quantity: 1 }]
    const sold = await reserve({ lines, customerId: "c-1" })
    await post(`/v1/reservations/${sold}/extend`, { ttlSeconds: 900 })
    await post(`/v1/reservations/${sold}/confirm`, { reference: "order-1" })
    const released = await reserve({ lines })
    await post(`/v1/reservations/${released}/release`, { reason: "changed their mind" }, "c-2")
    const replaced = await reserve({ lines, customerId: "c-3" })
    const kept = await reserve({ lines, customerId: "c-3", replaces: replaced })
    const late = await reserve({ lines, ttlSeconds: 1 })
    const { body } = await service.call("GET", `/v1/reservations/${late}`)
    await untilDatabaseTime(service.pool, Date.parse(body.expiresAt))
    // Takes note of what was granted, then of what has expired.
    await engine.items()
    await engine.sweep()

    const entries = await readJournal(engine, { sku: "MUG", order: "oldest" })
    expectChained(entries)
    expectEffects(entries)
    const ours = entries.filter(({ kind }) => !ALLOTMENTS.includes(kind))
    const told = ours.map(({ kind, reservationId, actor, reason, reference }) => [
      kind,
      reservationId,
      actor,
      reason ?? reference,
    ])
    expect(told).toHaveLength(13)
    expect(told).toEqual(
      expect.arrayContaining([
        ["safety_stock_set", null, null, null],
        ["adjusted", null, "till-7", "received"],
        ["safety_stock_set", null, "ops", null],
        ["held", sold, "till-7", null],
        ["extended", sold, "till-7", null],
        ["confirmed", sold, "till-7", "order-1"],
        ["held", released, "till-7", null],
        ["released", released, "c-2", "changed their mind"],
        ["held", replaced, "till-7", null],
        ["released", replaced, "till-7", "replaced"],
        ["held", kept, "till-7", null],
        ["held", late, "till-7", null],
        ["expired", late, null, null],
      ]),
    )
    expect(ours.filter(({ kind }) => kind === "held").every(({ traceparent }) => traceparent === TRACE)).toBe(
      true,
    )
    expect(entries.some(({ kind }) => ALLOTMENTS.includes(kind))).toBe(strategy === "redis")
    const [level] = (await engine.availability("MUG"))?.locations ?? []
    const { onHand, held, available } = entries.at(-1)?.after ?? {}
    expect([onHand, held, available]).toEqual([level?.onHand, level?.held, level?.available])
    // The same, the other way round, as the wire has it.
    const wire = await stockJournal()
    expect(wire).toEqual(JSON.parse(JSON.stringify(entries.toReversed())))
  })

  test("a reservation's journal has each of its lines from the beginning to the end", async () => {
    const { engine } = service
    await stock(engine, "CUP", { JFK: 10, SFO: 10 })
    await stock(engine, "PAN", { JFK: 10 })
    const lines = [
      { sku: "PAN", quantity: 2 },
      { sku: "CUP", quantity: 3, location: "SFO" },
    ]
    const id = await reserve({ lines, customerId: "c-9" })
    await reserve({ lines: [{ sku: "CUP", quantity: 1 }] })
    await post(`/v1/reservations/${id}/extend`, { ttlSeconds: 700 }, "support")
    await reserve({ lines: [{ sku: "PAN", quantity: 1 }] })
    await post(`/v1/reservations/${id}/extend`, { ttlSeconds: 800 })
    await post(`/v1/reservations/${id}/confirm`, { reference: "order-9" })
    const { status, body } = await service.call("GET", `/v1/reservations/${id}/journal`)
    expect(status).toBe(200)
    expect(body.isComplete).toBe(true)
    const told = (body.data as JournalView[]).map(({ kind, sku, location, actor }) => [
      kind,
      sku,
      location,
      actor,
    ])
    const ofEach = (kind: string, actor: string) => [
      [kind, "CUP", "SFO", actor],
      [kind, "PAN", "JFK", actor],
    ]
    expect(told).toEqual([
      ...ofEach("held", "till-7"),
      ...ofEach("extended", "support"),
      ...ofEach("extended", "till-7"),
      ...ofEach("confirmed", "till-7"),
    ])
    expect(body.data[0]).toMatchObject({
      reservationId: id,
      customerId: "c-9",
      before: { onHand: 10, held: 0, available: 10 },
      after: { onHand: 10, held: 3, available: 7 },
    })
    expect(body.data.at(-1)).toMatchObject({ reference: "order-9", after: { onHand: 8, held: 1 } })
  })
})

describe("what is asked for", () => {
  let service: TestService
  beforeAll(async () => {
    service = await createTestService()
    await stock(service.engine, "MUG", { LAX: 100, JFK: 100, SFO: 100 })
    await service.engine.putItem({ sku: "NEW", name: "New" })
  })
  afterAll(() => service.close())
  const get = (url: string) => service.call("GET", url)

  test.each([
    { order: "newest", limit: 1 },
    { order: "oldest", limit: 1 },
    { order: "newest", limit: 7 },
    { order: "oldest", limit: 7 },
  ] as const)(
    "pages of $limit, $order first, lose and repeat nothing while others write",
    async ({ order, limit }) => {
      const { engine } = service
      const sell = async () => {
        const lines = ["LAX", "JFK", "SFO"].map((location) => ({ sku: "MUG", location, quantity: 1 }))
        const made = await engine.reserve({ lines })
        if (made.outcome === "reserved") await engine.release(made.reservation.id)
      }
      for (let sale = 0; sale < 3; sale += 1) await sell()
      let pages = 0
      const between = async () => {
        pages += 1
        if (pages <= 5) await Promise.all([sell(), sell()])
      }
      const before = (await readJournal(engine, { sku: "MUG", limit: 200 })).length
      const entries = await readJournal(engine, { sku: "MUG", order, limit }, between)
      if (order === "newest") expectChained(entries, order)
      else expectChained(entries)
      // Newest first it is what there was at the first page; oldest first, also what has come since.
      const after = (await readJournal(engine, { sku: "MUG", limit: 200 })).length
      expect(entries).toHaveLength(order === "newest" ? before : after)
      const times = entries.map(({ occurredAt }) => occurredAt.getTime())
      const sorted = times.toSorted((a, b) => (order === "newest" ? b - a : a - b))
      if (limit > 1) expect(times.slice(0, limit)).toEqual(sorted.slice(0, limit))
    },
  )

  test("one location, and a span of time", async () => {
    const { engine } = service
    const all = await readJournal(engine, { sku: "MUG", location: "JFK", order: "oldest" })
    expect(all.every(({ location }) => location === "JFK")).toBe(true)
    expectChained(all)
    for (const edge of [0, 1, Math.floor(all.length / 2), all.length - 1]) {
      const at = all[edge]?.occurredAt ?? new Date()
      const query = { sku: "MUG", location: "JFK", order: "oldest" } as const
      const [since, until] = [
        await readJournal(engine, { ...query, since: at, limit: 2 }),
        await readJournal(engine, { ...query, until: at, limit: 2 }),
      ]
      expect(since).toEqual(all.filter(({ occurredAt }) => occurredAt >= at))
      expect(until).toEqual(all.filter(({ occurredAt }) => occurredAt < at))
    }
    const always = "since=1970-01-01T00:00:00Z&until=9999-12-31T23:59:59%2B02:00"
    const everything = await get(`/v1/stock/MUG/journal?location=JFK&limit=200&${always}`)
    expect(everything.body.data).toHaveLength(all.length)
    expect((await get("/v1/stock/MUG/journal?since=2999-01-01T00:00:00Z")).body.data).toEqual([])
  })

  test("what nothing has happened to is empty, and all there is", async () => {
    const nothing = { data: [], nextCursor: null, isComplete: true, keptSince: null }
    expect((await get("/v1/stock/NEW/journal")).body).toEqual(nothing)
    expect((await get("/v1/stock/NEW/journal?location=LAX")).body).toEqual(nothing)
  })

  test("an item in very many locations is asked by location", async () => {
    await service.engine.putItem({ sku: "WIDE", name: "Wide" })
    await service.pool.query(
      `with made as (
         insert into earmark.locations (code, name, priority) select 'W' || n, 'W', 9 from generate_series(1, 201) n returning code
       )
       insert into earmark.stock_levels (sku, location) select 'WIDE', code from made where code <> 'W201'`,
    )
    expect((await get("/v1/stock/WIDE/journal")).status).toBe(200)
    await service.engine.adjust({ sku: "WIDE", location: "W201", delta: 1, reason: "received" })
    expect(await get("/v1/stock/WIDE/journal")).toEqual(invalid("/query/location"))
    expect((await get("/v1/stock/WIDE/journal?location=W201")).body.data).toMatchObject([{ version: 1 }])
  })

  test("what does not exist is 404", async () => {
    expect(await get("/v1/stock/NOTHING/journal")).toEqual(problem(404, "item_not_found"))
    expect(await get("/v1/stock/MUG/journal?location=MOON")).toEqual(problem(404, "location_not_found"))
    for (const id of ["rsv_0197c0de5f0a7000a1b2c3d4e5f60718", "x", "%ff", "%00"]) {
      expect(await get(`/v1/reservations/${id}/journal`), id).toEqual(problem(404, "reservation_not_found"))
    }
    await expect(service.engine.stockJournal({ sku: "NOTHING" })).resolves.toEqual({
      outcome: "item_not_found",
      sku: "NOTHING",
    })
    await expect(service.engine.reservationJournal("x")).resolves.toBeNull()
  })

  test("what is not valid is 400, with what is wrong", async () => {
    const { nextCursor } = (await get("/v1/stock/MUG/journal?limit=1")).body
    const refused: [query: string, pointer: string][] = [
      ["order=up", "/query/order"],
      ["limit=0", "/query/limit"],
      ["location=a/b", "/query/location"],
      ["cursor=x", "/query/cursor"],
      [`cursor=${nextCursor}&order=oldest`, "/query/cursor"],
      [`cursor=${nextCursor}&location=LAX`, "/query/cursor"],
      [`cursor=${forged("1:zzzzzzzzzzz")}`, "/query/cursor"],
      [`cursor=${forged("zz:1")}`, "/query/cursor"],
      [`cursor=${forged("")}`, "/query/cursor"],
      ["since=yesterday", "/query/since"],
      ["since=2026-02-30T00:00:00Z", "/query/since"],
      ["since=2026-01-01", "/query/since"],
      ["until=0001-01-01T00:00:00Z", "/query/until"],
      ["until=%00", "/query/until"],
      ["until=999999-01-01T00:00:00Z", "/query/until"],
      ["reason=x", "/query/reason"],
    ]
    for (const [query, pointer] of refused) {
      expect(await get(`/v1/stock/MUG/journal?${query}`), query).toEqual(invalid(pointer))
    }
    expect(await get("/v1/stock/-/journal")).toEqual(invalid("/params/sku"))
    const engine = await createEngine({ pool: service.pool, migrate: false })
    for (const request of [
      { sku: "MUG", since: "2026-01-01" },
      { sku: "-" },
      { sku: "MUG", until: new Date(Number.NaN) },
    ]) {
      await expect(engine.stockJournal(request as never)).rejects.toMatchObject({ code: "invalid_request" })
    }
    await engine.close()
  })
})

function forged(places: string): string {
  return Buffer.from(JSON.stringify(["journal MUG  newest", places])).toString("base64url")
}
