import { expect } from "vitest"
import { persisted } from "./subject.ts"
import { conformance } from "./suite.ts"

const ID = /^rsv_[0-9a-f]{32}$/

conformance("reserve", {
  "sets units aside until the deadline, and says so": async ({ engine, strategy, item, levels, journal }) => {
    const sku = await item({ LAX: 5 })
    const durability = strategy === "redis" ? "provisional" : "durable"
    const request = {
      lines: [{ sku, quantity: 2 }],
      customerId: "c-1",
      ttlSeconds: 90,
      metadata: { cart: 7 },
    }
    const outcome = await engine.reserve(request)
    expect(outcome).toEqual({
      outcome: "reserved",
      reservation: {
        ...{ id: expect.stringMatching(ID), state: "held", customerId: "c-1" },
        ...{ lines: [{ sku, location: "LAX", quantity: 2 }], ttlSeconds: 90 },
        ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date), expiresAt: expect.any(Date) },
        ...{ reference: null, metadata: { cart: 7 }, durability },
      },
    })
    if (outcome.outcome !== "reserved") return
    const { id, createdAt, updatedAt, expiresAt } = outcome.reservation
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(90_000)
    expect(updatedAt).toEqual(createdAt)
    expect(await engine.reservation(id)).toEqual(persisted(outcome.reservation))
    expect(await levels(sku)).toEqual({ LAX: "5 2 3" })
    expect((await journal(sku)).at(-1)).toMatchObject({
      kind: "held",
      reservation: id,
      onHandDelta: 0,
      heldDelta: 2,
    })
  },

  "uses the default ttl when none is given": async ({ item, hold }) => {
    const { ttlSeconds, createdAt, expiresAt } = await hold(await item({ LAX: 1 }), 1)
    expect(ttlSeconds).toBe(600)
    expect(expiresAt.getTime() - createdAt.getTime()).toBe(600_000)
  },

  "counts on the database's clock": async ({ item, hold, pool }) => {
    const sku = await item({ LAX: 1 })
    const clock = async () => {
      const { rows } = await pool.query<{ now: Date }>("select clock_timestamp() as now")
      return rows[0]?.now.getTime() ?? 0
    }
    const beforeMs = await clock()
    const { createdAt } = await hold(sku, 1)
    expect(createdAt.getTime()).toBeGreaterThanOrEqual(beforeMs - 1)
    expect(createdAt.getTime()).toBeLessThanOrEqual(await clock())
  },

  "takes a whole basket or nothing": async ({ engine, item, levels, journal }) => {
    const [mug, pan] = [await item({ LAX: 5 }), await item({ LAX: 1 })]
    const lines = (pans: number) => [
      { sku: mug, quantity: 2 },
      { sku: pan, quantity: pans },
    ]
    expect(await engine.reserve({ lines: lines(2) })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku: pan, requested: 2, available: 1 }],
    })
    expect([await levels(mug), await levels(pan)]).toEqual([{ LAX: "5 0 5" }, { LAX: "1 0 1" }])
    expect(await journal(mug)).toHaveLength(1)
    expect(await engine.reserve({ lines: lines(1) })).toMatchObject({ outcome: "reserved" })
    expect([await levels(mug), await levels(pan)]).toEqual([{ LAX: "5 2 3" }, { LAX: "1 1 0" }])
  },

  "serves a basket of a hundred lines": async ({ engine, item, levels }) => {
    const skus: string[] = []
    for (let index = 0; index < 50; index += 1) skus.push(await item({ LAX: 2, JFK: 2 }))
    const lines = skus.flatMap((sku) => [
      { sku, quantity: 1, location: "LAX" },
      { sku, quantity: 2, location: "JFK" },
    ])
    expect(await engine.reserve({ lines })).toMatchObject({ outcome: "reserved" })
    expect(await levels(skus[49] ?? "")).toEqual({ LAX: "2 1 1", JFK: "2 2 0" })
    expect(await engine.reserve({ lines })).toMatchObject({ outcome: "insufficient_stock" })
    expect(await levels(skus[0] ?? "")).toEqual({ LAX: "2 1 1", JFK: "2 2 0" })
  },

  "prefers the location with the lowest priority number, and one for the whole basket": async (subject) => {
    const { engine, item } = subject
    const [mug, pan] = [await item({ LAX: 5, JFK: 5, SFO: 5 }), await item({ LAX: 1, JFK: 2, SFO: 2 })]
    const locations = async (lines: { sku: string; quantity: number }[]) => {
      const outcome = await engine.reserve({ lines })
      return outcome.outcome === "reserved" ? outcome.reservation.lines.map((line) => line.location) : outcome
    }
    expect(await locations([{ sku: mug, quantity: 1 }])).toEqual(["LAX"])
    expect(
      await locations([
        { sku: mug, quantity: 1 },
        { sku: pan, quantity: 2 },
      ]),
    ).toEqual(["JFK", "JFK"])
  },

  "splits a sku over locations when none has enough, all of it or nothing": async ({
    engine,
    item,
    levels,
  }) => {
    const sku = await item({ LAX: 2, JFK: 3 })
    expect(await engine.reserve({ lines: [{ sku, quantity: 6 }] })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku, requested: 6, available: 5 }],
    })
    expect(await engine.reserve({ lines: [{ sku, quantity: 4 }] })).toMatchObject({
      outcome: "reserved",
      reservation: {
        lines: [
          { sku, location: "JFK", quantity: 2 },
          { sku, location: "LAX", quantity: 2 },
        ],
      },
    })
    expect(await levels(sku)).toEqual({ LAX: "2 2 0", JFK: "3 2 1" })
  },

  "serves a line that names its location from there alone": async ({ engine, item, levels }) => {
    const sku = await item({ LAX: 5, JFK: 1 })
    const lines = (quantity: number) => [{ sku, quantity, location: "JFK" }]
    expect(await engine.reserve({ lines: lines(2) })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku, location: "JFK", requested: 2, available: 1 }],
    })
    expect(await engine.reserve({ lines: lines(1) })).toMatchObject({ outcome: "reserved" })
    expect(await levels(sku)).toEqual({ LAX: "5 0 5", JFK: "1 1 0" })
  },

  "adds equal lines up before anything is checked": async ({ engine, item }) => {
    const sku = await item({ LAX: 5 })
    const line = (quantity: number) => ({ sku, quantity, location: "LAX" })
    expect(await engine.reserve({ lines: [line(3), line(3)] })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku, location: "LAX", requested: 6, available: 5 }],
    })
    expect(await engine.reserve({ lines: [line(2), line(3)] })).toMatchObject({
      outcome: "reserved",
      reservation: { lines: [{ sku, location: "LAX", quantity: 5 }] },
    })
  },

  "serves lines with and without a location of one sku, no unit twice": async ({ engine, item, levels }) => {
    const sku = await item({ LAX: 3, JFK: 1 })
    const lines = (anywhere: number) => [
      { sku, quantity: anywhere },
      { sku, quantity: 2, location: "LAX" },
    ]
    expect(await engine.reserve({ lines: lines(3) })).toMatchObject({ outcome: "insufficient_stock" })
    expect(await engine.reserve({ lines: lines(2) })).toMatchObject({ outcome: "reserved" })
    expect(await levels(sku)).toEqual({ LAX: "3 3 0", JFK: "1 1 0" })
  },

  "never promises the safety stock": async ({ engine, item }) => {
    const sku = await item({ LAX: 5, JFK: 1 })
    await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 4 })
    expect(await engine.reserve({ lines: [{ sku, quantity: 3 }] })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku, requested: 3, available: 2 }],
    })
    expect(await engine.reserve({ lines: [{ sku, quantity: 2, location: "LAX" }] })).toMatchObject({
      outcome: "insufficient_stock",
      shortages: [{ sku, location: "LAX", requested: 2, available: 1 }],
    })
    expect(await engine.reserve({ lines: [{ sku, quantity: 2 }] })).toMatchObject({ outcome: "reserved" })
  },

  "knows what does not exist from what is merely short": async ({ engine, item }) => {
    const sku = await item({ LAX: 1 })
    await engine.putItem({ sku: "NO-LEVEL", name: "Without any level" })
    const reserve = (line: { sku: string; location?: string }) =>
      engine.reserve({ lines: [{ quantity: 1, ...line }] })
    expect(await reserve({ sku: "NOTHING" })).toEqual({ outcome: "item_not_found", sku: "NOTHING" })
    expect(await reserve({ sku, location: "NOWHERE" })).toEqual({
      outcome: "location_not_found",
      location: "NOWHERE",
    })
    const short = (shortage: object) => ({
      outcome: "insufficient_stock",
      shortages: [{ requested: 1, available: 0, ...shortage }],
    })
    expect(await reserve({ sku, location: "SFO" })).toEqual(short({ sku, location: "SFO" }))
    expect(await reserve({ sku: "NO-LEVEL" })).toEqual(short({ sku: "NO-LEVEL" }))
  },

  "sells each unit once when many ask at the same time": async ({ engine, item, levels }) => {
    const sku = await item({ LAX: 6, JFK: 4 })
    const outcomes = await Promise.all(
      Array.from({ length: 25 }, () => engine.reserve({ lines: [{ sku, quantity: 1 }] })),
    )
    const count = (outcome: string) => outcomes.filter((one) => one.outcome === outcome).length
    expect([count("reserved"), count("insufficient_stock")]).toEqual([10, 15])
    expect(await levels(sku)).toEqual({ LAX: "6 6 0", JFK: "4 4 0" })
  },

  "gives baskets that ask for the same items in opposite orders to one after the other": async (subject) => {
    const { engine, item } = subject
    const [mug, pan] = [await item({ LAX: 8 }), await item({ LAX: 8 })]
    const line = (sku: string) => ({ sku, quantity: 1 })
    const baskets = Array.from({ length: 16 }, (_, index) =>
      index % 2 === 0 ? [line(mug), line(pan)] : [line(pan), line(mug)],
    )
    const outcomes = await Promise.all(baskets.map((lines) => engine.reserve({ lines })))
    expect(outcomes.filter(({ outcome }) => outcome === "reserved")).toHaveLength(8)
  },
})

conformance(
  "ttl cap",
  {
    "a ttl may reach the cap, and not pass it": async ({ engine, item, hold, levels }) => {
      const sku = await item({ LAX: 2 })
      await hold(sku, 1, { ttlSeconds: 3600 })
      await expect(engine.reserve({ lines: [{ sku, quantity: 1 }], ttlSeconds: 3601 })).rejects.toMatchObject(
        {
          name: "EarmarkError",
          code: "invalid_request",
          notApplied: true,
          errors: [{ pointer: "/ttlSeconds", message: expect.any(String) }],
        },
      )
      expect(await levels(sku)).toEqual({ LAX: "2 1 1" })
    },

    "nor may an extension": async ({ engine, item, hold }) => {
      const { id, expiresAt } = await hold(await item({ LAX: 1 }), 1)
      await expect(engine.extend(id, { ttlSeconds: 3601 })).rejects.toMatchObject({
        code: "invalid_request",
        errors: [{ pointer: "/ttlSeconds" }],
      })
      expect(await engine.reservation(id)).toMatchObject({ state: "held", expiresAt })
    },
  },
  { holds: { ttlSecondsMax: 3600 }, poolSizes: [10] },
)
