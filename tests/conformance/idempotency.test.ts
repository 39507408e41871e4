import { expect } from "vitest"
import { reservationOf } from "./subject.ts"
import { conformance } from "./suite.ts"

conformance("idempotency", {
  "the same key answers the same again, and takes nothing twice": async ({
    engine,
    item,
    levels,
    journal,
  }) => {
    const sku = await item({ LAX: 5 })
    const request = { lines: [{ sku, quantity: 2 }], customerId: "c-1", idempotencyKey: "cart-1" }
    const first = reservationOf(await engine.reserve(request))
    for (let again = 0; again < 3; again += 1) {
      expect(await engine.reserve(request)).toEqual({ outcome: "replayed", reservation: first })
    }
    expect(await levels(sku)).toEqual({ LAX: "5 2 3" })
    expect(await journal(sku)).toHaveLength(2)
  },

  "a replay shows the reservation as it stands now": async ({ engine, item }) => {
    const sku = await item({ LAX: 5 })
    const request = (key: string) => ({ lines: [{ sku, quantity: 1 }], idempotencyKey: key })
    const sold = reservationOf(await engine.reserve(request("now-1")))
    await engine.confirm(sold.id, { reference: "order-1" })
    const given = reservationOf(await engine.reserve(request("now-2")))
    await engine.release(given.id)
    const longer = reservationOf(await engine.reserve(request("now-3")))
    const extended = await engine.extend(longer.id, { ttlSeconds: 3000 })
    expect(await engine.reserve(request("now-1"))).toMatchObject({
      outcome: "replayed",
      reservation: { id: sold.id, state: "confirmed", reference: "order-1" },
    })
    expect(await engine.reserve(request("now-2"))).toMatchObject({
      outcome: "replayed",
      reservation: { id: given.id, state: "released" },
    })
    expect(await engine.reserve(request("now-3"))).toEqual({ ...extended, outcome: "replayed" })
  },

  "the same key with another body is refused, and changes nothing": async ({
    engine,
    item,
    levels,
    journal,
  }) => {
    const [sku, other] = [await item({ LAX: 5, JFK: 5 }), await item({ LAX: 5 })]
    const replaced = reservationOf(await engine.reserve({ lines: [{ sku: other, quantity: 1 }] }))
    const line = { sku, quantity: 2 }
    const request = { lines: [line], idempotencyKey: "other-body" }
    await engine.reserve(request)
    for (const change of [
      { lines: [{ ...line, quantity: 3 }] },
      { lines: [{ ...line, sku: other }] },
      { lines: [{ ...line, location: "LAX" }] },
      { lines: [line, { ...line, sku: other }] },
      { customerId: "c-1" },
      { metadata: { cart: 7 } },
      { ttlSeconds: 60 },
      { replaces: replaced.id },
      { lines: [{ sku: "UNKNOWN", quantity: 1 }] },
      { lines: [{ sku, quantity: 1_000 }] },
    ]) {
      expect(await engine.reserve({ ...request, ...change })).toEqual({
        outcome: "idempotency_key_reused",
        key: "other-body",
      })
    }
    expect(await levels(sku)).toEqual({ LAX: "5 2 3", JFK: "5 0 5" })
    expect(await levels(other)).toEqual({ LAX: "5 1 4" })
    expect(await journal(sku)).toHaveLength(3)
  },

  "bodies are compared by what they mean": async ({ engine, item }) => {
    const [mug, pan] = [await item({ LAX: 9 }), await item({ LAX: 9 })]
    const first = reservationOf(
      await engine.reserve({
        lines: [
          { sku: mug, quantity: 3 },
          { sku: pan, quantity: 1, location: "LAX" },
        ],
        metadata: { cart: 7, shop: { id: 1, name: "x" } },
        idempotencyKey: "meaning",
      }),
    )
    const again = {
      idempotencyKey: "meaning",
      ttlSeconds: 600,
      metadata: { shop: { name: "x", id: 1 }, cart: 7 },
      lines: [
        { location: "LAX", quantity: 1, sku: pan },
        { quantity: 1, sku: mug },
        { quantity: 2, sku: mug },
      ],
    }
    expect(await engine.reserve(again)).toEqual({ outcome: "replayed", reservation: first })
    const spelled = reservationOf(
      await engine.reserve({
        lines: [{ sku: mug, quantity: 1 }],
        ttlSeconds: 600,
        idempotencyKey: "spelled",
      }),
    )
    expect(await engine.reserve({ lines: [{ sku: mug, quantity: 1 }], idempotencyKey: "spelled" })).toEqual({
      outcome: "replayed",
      reservation: spelled,
    })
  },

  "a refused request does not burn its key": async ({ engine, item }) => {
    const sku = await item({ LAX: 1 })
    const request = { lines: [{ sku, quantity: 2 }], idempotencyKey: "refused" }
    expect(await engine.reserve(request)).toMatchObject({ outcome: "insufficient_stock" })
    expect(await engine.reserve({ ...request, lines: [{ sku: "UNKNOWN", quantity: 2 }] })).toMatchObject({
      outcome: "item_not_found",
    })
    await engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" })
    const made = reservationOf(await engine.reserve(request))
    expect(await engine.reserve(request)).toEqual({ outcome: "replayed", reservation: made })
  },

  "the winner's twin is not told that the last unit is gone": async ({ engine, item }) => {
    const sku = await item({ LAX: 1 })
    const request = { lines: [{ sku, quantity: 1 }], idempotencyKey: "last-unit" }
    const first = reservationOf(await engine.reserve(request))
    expect(await engine.reserve(request)).toEqual({ outcome: "replayed", reservation: first })
    expect(await engine.reserve({ ...request, idempotencyKey: "too-late" })).toMatchObject({
      outcome: "insufficient_stock",
    })
  },

  "of twins at the same time one reserves and all others replay it, on the last unit too": async (
    subject,
  ) => {
    const { engine, item, levels } = subject
    const sku = await item({ LAX: 1 })
    const request = { lines: [{ sku, quantity: 1 }], idempotencyKey: "twins" }
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => engine.reserve(request)))
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([...Array(11).fill("replayed"), "reserved"])
    const ids = outcomes.map((outcome) =>
      "reservation" in outcome ? outcome.reservation.id : outcome.outcome,
    )
    expect(new Set(ids).size).toBe(1)
    expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
  },

  "of requests with one key and different bodies at the same time one reserves": async ({
    engine,
    item,
    levels,
  }) => {
    const [one, other] = [await item({ LAX: 5 }), await item({ LAX: 5 })]
    const outcomes = await Promise.all(
      [one, other, one, other, one, other].map((sku) =>
        engine.reserve({ lines: [{ sku, quantity: 1 }], idempotencyKey: "rivals" }),
      ),
    )
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array(3).fill("idempotency_key_reused"),
      ...Array(2).fill("replayed"),
      "reserved",
    ])
    const held = Object.values({ ...(await levels(one)) }).concat(Object.values(await levels(other)))
    expect(held.sort()).toEqual(["5 0 5", "5 1 4"])
  },

  "a key kept through being replaced still answers for what it made": async ({ engine, item, hold }) => {
    const sku = await item({ LAX: 1 })
    const old = await hold(sku, 1, { customerId: "c-1", idempotencyKey: "replaced-old" })
    const request = {
      lines: [{ sku, quantity: 1 }],
      customerId: "c-1",
      replaces: old.id,
      idempotencyKey: "new",
    }
    const made = reservationOf(await engine.reserve(request))
    expect(await engine.reserve(request)).toEqual({ outcome: "replayed", reservation: made })
    expect(
      await engine.reserve({
        lines: [{ sku, quantity: 1 }],
        customerId: "c-1",
        idempotencyKey: "replaced-old",
      }),
    ).toMatchObject({ outcome: "replayed", reservation: { id: old.id, state: "released" } })
  },
})

conformance("idempotency of adjustments", {
  "the same key adjusts once, and a replay shows the level as it stands now": async ({
    engine,
    item,
    journal,
  }) => {
    const sku = await item({ LAX: 1 })
    const request = {
      sku,
      location: "LAX",
      delta: 5,
      reason: "received",
      idempotencyKey: "delivery",
    } as const
    expect(await engine.adjust(request)).toMatchObject({ outcome: "adjusted", level: { onHand: 6 } })
    await engine.adjust({ ...request, delta: -2, reason: "damaged", idempotencyKey: "broken" })
    expect(await engine.adjust(request)).toMatchObject({
      outcome: "replayed",
      level: { onHand: 4, version: 3 },
    })
    expect((await journal(sku)).map(({ onHandDelta }) => onHandDelta)).toEqual([1, 5, -2])
  },

  "the same key with another body is refused, and changes nothing": async ({ engine, item, journal }) => {
    const [sku, other] = [await item({ LAX: 5 }), await item({ LAX: 5 })]
    const request = { sku, location: "LAX", delta: 5, reason: "received", idempotencyKey: "changed" } as const
    await engine.adjust(request)
    for (const change of [
      { delta: 6 },
      { sku: other },
      { sku: "UNKNOWN" },
      { location: "JFK" },
      { reason: "counted" },
      { reference: "delivery-2" },
    ] as const) {
      expect(await engine.adjust({ ...request, ...change })).toEqual({
        outcome: "idempotency_key_reused",
        key: "changed",
      })
    }
    expect([await journal(sku), await journal(other)].map((rows) => rows.length)).toEqual([2, 1])
  },

  "a refused adjustment does not burn its key": async ({ engine, item }) => {
    const sku = await item({ LAX: 1 })
    const request = { sku, location: "LAX", delta: -2, reason: "counted", idempotencyKey: "short" } as const
    expect(await engine.adjust(request)).toMatchObject({ outcome: "stock_below_held" })
    await engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" })
    expect(await engine.adjust(request)).toMatchObject({ outcome: "adjusted", level: { onHand: 0 } })
  },

  "twins at the same time adjust once, and make a new level once": async ({ engine, item, levels }) => {
    const sku = await item({})
    const request = {
      sku,
      location: "JFK",
      delta: 5,
      reason: "received",
      idempotencyKey: "twin-delivery",
    } as const
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => engine.adjust(request)))
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["adjusted", ...Array(7).fill("replayed")])
    expect(await levels(sku)).toEqual({ JFK: "5 0 5" })
  },

  "keys of adjustments and keys of reservations are two things": async ({ engine, item, levels }) => {
    const sku = await item({ LAX: 1 })
    const idempotencyKey = "shared"
    expect(
      await engine.adjust({ sku, location: "LAX", delta: 1, reason: "received", idempotencyKey }),
    ).toMatchObject({ outcome: "adjusted" })
    expect(await engine.reserve({ lines: [{ sku, quantity: 1 }], idempotencyKey })).toMatchObject({
      outcome: "reserved",
    })
    expect(await levels(sku)).toEqual({ LAX: "2 1 1" })
  },
})
