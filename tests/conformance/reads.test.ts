import { expect } from "vitest"
import type { Page, PageRequest } from "../../src/index.ts"
import { reservationOf } from "./subject.ts"
import { conformance } from "./suite.ts"

/** Every page, one after the other. */
async function pagesOf<T>(list: (request: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[][]> {
  const pages: T[][] = []
  let cursor: string | undefined
  do {
    const { data, nextCursor } = await list({ limit, ...(cursor === undefined ? {} : { cursor }) })
    pages.push([...data])
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

const WRONG_CURSOR = {
  name: "EarmarkError",
  code: "invalid_request",
  notApplied: true,
  errors: [{ pointer: expect.stringContaining("cursor"), message: expect.any(String) }],
}

conformance("reads of items", {
  "an item is made, then changed; what is left out is cleared": async ({ engine }) => {
    const full = {
      name: "Mug",
      description: "Blue",
      imageUrl: "https://example.com/mug.png",
      metadata: { a: [1] },
      lowStockThreshold: 5,
    }
    const made = await engine.putItem({ sku: "PUT", ...full })
    expect(made).toEqual({
      outcome: "made",
      item: {
        ...{ sku: "PUT", ...full, available: 0, onHand: 0, held: 0, locations: [] },
        ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
      },
    })
    expect(await engine.item("PUT")).toEqual(made.item)
    const changed = await engine.putItem({ sku: "PUT", name: "Cup" })
    expect(changed).toMatchObject({
      outcome: "changed",
      item: {
        name: "Cup",
        description: null,
        imageUrl: null,
        metadata: {},
        lowStockThreshold: null,
        createdAt: made.item.createdAt,
      },
    })
    expect(changed.item.updatedAt.getTime()).toBeGreaterThanOrEqual(made.item.updatedAt.getTime())
    expect(await engine.item("PUT")).toEqual(changed.item)
  },

  "an item that does not exist is null": async ({ engine }) => {
    expect(await engine.item("NOTHING")).toBeNull()
    expect(await engine.availability("NOTHING")).toBeNull()
  },

  "availability adds up the locations, the first to be asked in front": async ({
    engine,
    item,
    hold,
    pool,
  }) => {
    const sku = await item({ SFO: 1, LAX: 5, JFK: 3 })
    await hold(sku, 4)
    await engine.setSafetyStock({ sku, location: "JFK", safetyStock: 5 })
    const availability = await engine.availability(sku)
    expect(availability).toEqual({
      ...{ sku, available: 2, onHand: 9, held: 4, asOf: expect.any(Date) },
      locations: [
        { location: "LAX", onHand: 5, held: 4, safetyStock: 0, available: 1, version: 2 },
        { location: "JFK", onHand: 3, held: 0, safetyStock: 5, available: 0, version: 2 },
        { location: "SFO", onHand: 1, held: 0, safetyStock: 0, available: 1, version: 1 },
      ],
    })
    const { rows } = await pool.query<{ now: Date }>("select clock_timestamp() as now")
    const ageMs = (rows[0]?.now.getTime() ?? 0) - (availability?.asOf.getTime() ?? 0)
    expect(ageMs).toBeGreaterThanOrEqual(0)
    expect(ageMs).toBeLessThan(10_000)
    const { sku: _, asOf: __, ...seen } = availability ?? { sku, asOf: new Date() }
    expect(await engine.item(sku)).toMatchObject(seen)
    expect((await engine.items({ q: sku })).data).toEqual([await engine.item(sku)])
  },

  "a list goes by sku, page by page, without a gap or a repetition": async ({ engine }) => {
    const skus = ["list.b", "LIST-A", "list-9", "LIST.C", "list_a"]
    for (const sku of skus) await engine.putItem({ sku, name: "For the list" })
    const list = (request: PageRequest) => engine.items({ ...request, q: "for the LIST" })
    const sorted = [...skus].sort()
    for (const limit of [1, 2, 3, 5, 200]) {
      const pages = await pagesOf(list, limit)
      expect(pages.flat().map(({ sku }) => sku)).toEqual(sorted)
      expect(pages.map((page) => page.length)).toEqual(
        Array.from({ length: Math.ceil(5 / limit) }, (_, at) => Math.min(limit, 5 - at * limit)),
      )
    }
    const first = await list({ limit: 2 })
    await engine.putItem({ sku: "LIST-0", name: "For the list, in front" })
    await engine.putItem({ sku: "list-z", name: "For the list, behind" })
    const rest = await list({ limit: 10, cursor: first.nextCursor ?? "" })
    expect(rest.data.map(({ sku }) => sku)).toEqual(["list-9", "list-z", "list.b", "list_a"].sort())
  },

  "a search finds a part of the sku or the name, in any case, and takes every character as it is": async ({
    engine,
  }) => {
    await engine.putItem({ sku: "FIND-1", name: "A 100% woollen SOCK" })
    await engine.putItem({ sku: "FIND_2", name: "Socket\\wrench" })
    await engine.putItem({ sku: "FINDX2", name: "Ölkanne" })
    const found = async (q: string) => (await engine.items({ q })).data.map(({ sku }) => sku)
    expect(await found("sock")).toEqual(["FIND-1", "FIND_2"])
    expect(await found("fInD")).toEqual(["FIND-1", "FINDX2", "FIND_2"])
    expect(await found("100%")).toEqual(["FIND-1"])
    expect(await found("d_2")).toEqual(["FIND_2"])
    expect(await found("t\\w")).toEqual(["FIND_2"])
    expect(await found("ölkanne")).toEqual(["FINDX2"])
    expect(await found("find%")).toEqual([])
  },

  "a cursor that this list has not given is refused": async ({ engine, item }) => {
    await item({})
    await item({})
    const { nextCursor } = await engine.locations({ limit: 1 })
    for (const cursor of ["x", "!", nextCursor ?? "", Buffer.from('["items",1]').toString("base64url")]) {
      await expect(engine.items({ cursor })).rejects.toMatchObject(WRONG_CURSOR)
    }
    const own = (await engine.items({ limit: 1 })).nextCursor ?? ""
    await expect(engine.locations({ cursor: own })).rejects.toMatchObject(WRONG_CURSOR)
    await expect(engine.reservations({ cursor: own })).rejects.toMatchObject(WRONG_CURSOR)
  },
})

conformance("reads of locations", {
  "a location is made, then changed; what is left out is cleared": async ({ engine }) => {
    const made = await engine.putLocation({ code: "PUT", name: "Depot", priority: 7, metadata: { floor: 2 } })
    const moments = { createdAt: expect.any(Date), updatedAt: expect.any(Date) }
    expect(made).toEqual({
      outcome: "made",
      location: { code: "PUT", name: "Depot", priority: 7, metadata: { floor: 2 }, ...moments },
    })
    expect(await engine.putLocation({ code: "PUT", name: "Shop" })).toEqual({
      outcome: "changed",
      location: { code: "PUT", name: "Shop", priority: 0, metadata: {}, ...moments },
    })
  },

  "a new priority counts from the next reservation on": async ({ engine, item, hold }) => {
    const sku = await item({ LAX: 5, JFK: 5 })
    expect((await hold(sku, 1)).lines).toMatchObject([{ location: "LAX" }])
    await engine.putLocation({ code: "JFK", name: "JFK", priority: -1 })
    expect((await hold(sku, 1)).lines).toMatchObject([{ location: "JFK" }])
    await engine.putLocation({ code: "JFK", name: "JFK", priority: 2 })
    expect((await hold(sku, 1)).lines).toMatchObject([{ location: "LAX" }])
  },

  "a list goes by code, page by page, without a gap or a repetition": async ({ engine }) => {
    for (const code of ["a-1", "B-1", "a.1"]) await engine.putLocation({ code, name: code })
    const all = (await engine.locations()).data.map(({ code }) => code)
    expect(all).toEqual([...all].sort())
    expect(all).toEqual(expect.arrayContaining(["a-1", "B-1", "a.1", "LAX", "JFK", "SFO"]))
    for (const limit of [1, 2, all.length]) {
      const pages = await pagesOf((request) => engine.locations(request), limit)
      expect(pages.flat().map(({ code }) => code)).toEqual(all)
    }
  },
})

conformance("reads of reservations", {
  "a list goes from the newest, page by page, without a gap or a repetition": async ({
    engine,
    item,
    hold,
  }) => {
    const sku = await item({ LAX: 10, JFK: 10 })
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) ids.unshift((await hold(sku, 2 + index)).id)
    const list = (request: PageRequest) => engine.reservations({ ...request, sku })
    for (const limit of [1, 2, 5, 200]) {
      const pages = await pagesOf(list, limit)
      expect(pages.flat().map(({ id }) => id)).toEqual(ids)
      expect(pages).toHaveLength(Math.ceil(5 / limit))
    }
    const first = await list({ limit: 2 })
    await engine.release(ids[0] ?? "")
    await hold(sku, 1)
    const rest = await list({ cursor: first.nextCursor ?? "" })
    expect(rest).toMatchObject({ nextCursor: null, data: ids.slice(2).map((id) => ({ id })) })
    expect(rest.data.every(({ lines }) => lines.length > 0)).toBe(true)
  },

  "it can be of one state, one customer, one sku, or of all three": async ({ engine, item, hold }) => {
    const [mug, pan] = [await item({ LAX: 10, JFK: 1 }), await item({ LAX: 10 })]
    const [ann, bob] = [{ customerId: "c-ann" }, { customerId: "c-bob" }]
    const basket = [
      { sku: mug, quantity: 11 },
      { sku: pan, quantity: 1 },
    ]
    const both = reservationOf(await engine.reserve({ lines: basket, ...ann }))
    await engine.release(both.id)
    const sold = await hold(mug, 1, bob)
    await engine.confirm(sold.id)
    const held = await hold(pan, 1, ann)
    const given = await hold(mug, 1, ann)
    await engine.release(given.id)
    const ids = async (filter: object) => (await engine.reservations(filter)).data.map(({ id }) => id)
    expect(await ids({ sku: mug })).toEqual([given.id, sold.id, both.id])
    expect(await ids({ sku: pan })).toEqual([held.id, both.id])
    expect(await ids(ann)).toEqual([given.id, held.id, both.id])
    expect(await ids(bob)).toEqual([sold.id])
    expect(await ids({ ...ann, state: "released" })).toEqual([given.id, both.id])
    expect(await ids({ ...ann, state: "held" })).toEqual([held.id])
    expect(await ids({ sku: mug, state: "confirmed" })).toEqual([sold.id])
    expect(await ids({ sku: pan, state: "released", ...ann })).toEqual([both.id])
    expect(await ids({ sku: mug, state: "expired" })).toEqual([])
    expect(await ids({ sku: "NOTHING" })).toEqual([])
    expect(await ids({ customerId: "c-nobody" })).toEqual([])
    expect((await engine.reservations({ sku: pan })).data[1]).toMatchObject({
      id: both.id,
      lines: [
        { sku: mug, location: "JFK", quantity: 1 },
        { sku: mug, location: "LAX", quantity: 10 },
        { sku: pan, location: "LAX", quantity: 1 },
      ],
    })
  },
})
