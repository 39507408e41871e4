import { expect } from "vitest"
import { ON_HAND_MAX } from "../../src/core/limits.ts"
import { openEngine } from "../../src/library/open-engine.ts"
import { conformance } from "./suite.ts"

conformance("stock", {
  "receiving makes the level": async ({ engine, item, levels, journal }) => {
    const sku = await item({})
    expect(await levels(sku)).toEqual({})
    const received = { sku, location: "JFK", delta: 5, reason: "received", reference: "delivery-1" } as const
    expect(await engine.adjust(received)).toEqual({
      outcome: "adjusted",
      level: { sku, location: "JFK", onHand: 5, held: 0, safetyStock: 0, available: 5, version: 1 },
    })
    expect(await journal(sku)).toMatchObject([
      { kind: "adjusted", onHandDelta: 5, heldDelta: 0, reason: "received", reference: "delivery-1" },
    ])
  },

  "each adjustment is added, and leaves its reason in the journal": async ({
    engine,
    item,
    hold,
    journal,
  }) => {
    const sku = await item({ LAX: 10 })
    await hold(sku, 2)
    for (const [index, [reason, delta]] of (
      [
        ["counted", -1],
        ["damaged", -2],
        ["returned", 3],
        ["other", -4],
      ] as const
    ).entries()) {
      const reference = `note-${index}`
      expect(await engine.adjust({ sku, location: "LAX", delta, reason, reference })).toMatchObject({
        outcome: "adjusted",
      })
    }
    expect(await engine.availability(sku)).toMatchObject({ onHand: 6, held: 2, available: 4 })
    expect((await journal(sku)).slice(2)).toMatchObject([
      { reason: "counted", onHandDelta: -1, reference: "note-0" },
      { reason: "damaged", onHandDelta: -2, reference: "note-1" },
      { reason: "returned", onHandDelta: 3, reference: "note-2" },
      { reason: "other", onHandDelta: -4, reference: "note-3" },
    ])
  },

  "fewer units than are held can never be on hand": async ({ engine, item, hold, journal }) => {
    const sku = await item({ LAX: 5 })
    await hold(sku, 3)
    const level = { sku, location: "LAX", onHand: 5, held: 3, safetyStock: 0, available: 2, version: 2 }
    const adjust = (delta: number) => engine.adjust({ sku, location: "LAX", delta, reason: "damaged" })
    expect(await adjust(-3)).toEqual({ outcome: "stock_below_held", level })
    expect(await journal(sku)).toHaveLength(2)
    expect(await adjust(-2)).toMatchObject({ outcome: "adjusted", level: { onHand: 3, available: 0 } })
  },

  "nor fewer than none, also where there is no level yet": async ({ engine, item, levels }) => {
    const sku = await item({})
    expect(await engine.adjust({ sku, location: "LAX", delta: -1, reason: "counted" })).toEqual({
      outcome: "stock_below_held",
      level: { sku, location: "LAX", onHand: 0, held: 0, safetyStock: 0, available: 0, version: 0 },
    })
    expect(await levels(sku)).toEqual({})
  },

  "what is on hand may reach its limit, and not pass it": async ({ engine, more, pool, item, levels }) => {
    const sku = await item({ LAX: 1 })
    // A thousand adjustments as large as callers may make them would do as well.
    const unchecked = await openEngine({ pool, ...more, migrate: false })
    const received = { sku, location: "LAX", reason: "received" } as const
    expect(await unchecked.adjust({ ...received, delta: ON_HAND_MAX - 2 })).toMatchObject({
      outcome: "adjusted",
    })
    await unchecked.close()
    expect(await engine.adjust({ ...received, delta: 2 })).toMatchObject({
      outcome: "invalid_request",
      errors: [{ pointer: "/delta", message: expect.any(String) }],
    })
    expect(await engine.adjust({ ...received, delta: 1 })).toMatchObject({
      outcome: "adjusted",
      level: { onHand: ON_HAND_MAX },
    })
    expect(await levels(sku)).toEqual({ LAX: `${ON_HAND_MAX} 0 ${ON_HAND_MAX}` })
  },

  "what does not exist is not found": async ({ engine, item, levels }) => {
    const sku = await item({ LAX: 1 })
    for (const [place, answer] of [
      [
        { sku: "NOTHING", location: "LAX" },
        { outcome: "item_not_found", sku: "NOTHING" },
      ],
      [
        { sku, location: "NOWHERE" },
        { outcome: "location_not_found", location: "NOWHERE" },
      ],
      [
        { sku: "NOTHING", location: "NOWHERE" },
        { outcome: "item_not_found", sku: "NOTHING" },
      ],
    ] as const) {
      expect(await engine.adjust({ ...place, delta: 1, reason: "received" })).toEqual(answer)
      expect(await engine.setSafetyStock({ ...place, safetyStock: 1 })).toEqual(answer)
    }
    expect(await levels(sku)).toEqual({ LAX: "1 0 1" })
  },

  "adjustments at the same time are all added": async ({ engine, item, levels }) => {
    const sku = await item({ JFK: 10 })
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        engine.adjust({ sku, location: index % 2 === 0 ? "JFK" : "SFO", delta: 1, reason: "received" }),
      ),
    )
    expect(await levels(sku)).toEqual({ JFK: "15 0 15", SFO: "5 0 5" })
  },

  "what was just received at the first location is reserved from there": async ({ engine, item }) => {
    const sku = await item({ JFK: 5, SFO: 5 })
    const [received, outcome] = await Promise.all([
      engine.adjust({ sku, location: "LAX", delta: 5, reason: "received" }),
      engine.reserve({ lines: [{ sku, quantity: 1 }] }),
    ])
    expect([received.outcome, outcome.outcome]).toEqual(["adjusted", "reserved"])
    expect(await engine.reserve({ lines: [{ sku, quantity: 1 }] })).toMatchObject({
      reservation: { lines: [{ location: "LAX" }] },
    })
  },
})

conformance("safety stock", {
  "is set on a level, which is made if it is new": async ({ engine, item, journal, levels }) => {
    const sku = await item({ LAX: 5 })
    expect(await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 2 })).toEqual({
      outcome: "changed",
      level: { sku, location: "LAX", onHand: 5, held: 0, safetyStock: 2, available: 3, version: 2 },
    })
    expect(await engine.setSafetyStock({ sku, location: "JFK", safetyStock: 1 })).toEqual({
      outcome: "changed",
      level: { sku, location: "JFK", onHand: 0, held: 0, safetyStock: 1, available: 0, version: 1 },
    })
    expect((await journal(sku)).map(({ kind }) => kind)).toEqual([
      "adjusted",
      "safety_stock_set",
      "safety_stock_set",
    ])
    expect(await levels(sku)).toEqual({ LAX: "5 0 3", JFK: "0 0 0" })
  },

  "set to what it is changes nothing": async ({ engine, item, journal }) => {
    const sku = await item({ LAX: 5 })
    for (let again = 0; again < 3; again += 1) {
      expect(await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 2 })).toMatchObject({
        level: { safetyStock: 2, version: 2 },
      })
    }
    expect(await journal(sku)).toHaveLength(2)
  },

  "above what is on hand leaves nothing available, not less, and spares the holds": async (subject) => {
    const { engine, item, hold } = subject
    const sku = await item({ LAX: 5, JFK: 1 })
    const { id } = await hold(sku, 2)
    expect(await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 9 })).toMatchObject({
      level: { onHand: 5, held: 2, safetyStock: 9, available: 0 },
    })
    expect(await engine.availability(sku)).toMatchObject({ available: 1, onHand: 6, held: 2 })
    expect(await engine.reserve({ lines: [{ sku, quantity: 2 }] })).toMatchObject({
      outcome: "insufficient_stock",
      shortages: [{ sku, requested: 2, available: 1 }],
    })
    expect(await engine.confirm(id)).toMatchObject({ outcome: "confirmed" })
    expect(await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 0 })).toMatchObject({
      level: { onHand: 3, held: 0, available: 3 },
    })
  },
})
