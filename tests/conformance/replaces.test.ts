import { expect } from "vitest"
import { persisted, reservationOf } from "./subject.ts"
import { conformance } from "./suite.ts"

const customerId = "c-1"
const UNKNOWN = "rsv_0197c0de5f0a7000a1b2c3d4e5f60718"

conformance("replaces", {
  "a customer's own hold gives its units to what replaces it, in one transaction": async (subject) => {
    const { engine, item, hold, levels, journal } = subject
    const sku = await item({ LAX: 1 })
    const old = await hold(sku, 1, { customerId })
    const made = reservationOf(
      await engine.reserve({ lines: [{ sku, quantity: 1 }], customerId, replaces: old.id }),
    )
    expect(made.id).not.toBe(old.id)
    expect(await engine.reservation(old.id)).toMatchObject({ state: "released" })
    expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
    const [, , released, held] = await journal(sku)
    expect(released).toMatchObject({
      kind: "released",
      reservation: old.id,
      reason: "replaced",
      heldDelta: -1,
    })
    expect(held).toMatchObject({ kind: "held", reservation: made.id, heldDelta: 1 })
    expect(held?.transaction).toBe(released?.transaction)
  },

  "it can be enlarged, made smaller, and moved": async ({ engine, item, hold, levels }) => {
    const sku = await item({ LAX: 5, JFK: 3 })
    const first = await hold(sku, 3, { customerId })
    const enlarged = reservationOf(
      await engine.reserve({
        lines: [{ sku, quantity: 5, location: "LAX" }],
        customerId,
        replaces: first.id,
      }),
    )
    expect(await levels(sku)).toEqual({ LAX: "5 5 0", JFK: "3 0 3" })
    const split = reservationOf(
      await engine.reserve({ lines: [{ sku, quantity: 8 }], customerId, replaces: enlarged.id }),
    )
    expect(await levels(sku)).toEqual({ LAX: "5 5 0", JFK: "3 3 0" })
    const moved = reservationOf(
      await engine.reserve({
        lines: [{ sku, quantity: 2, location: "JFK" }],
        customerId,
        replaces: split.id,
      }),
    )
    expect(await levels(sku)).toEqual({ LAX: "5 0 5", JFK: "3 2 1" })
    expect(await engine.confirm(moved.id)).toMatchObject({ outcome: "confirmed" })
    expect(await engine.confirm(split.id)).toMatchObject({ outcome: "reservation_released" })
  },

  "a basket may keep some of its items and change others": async ({ engine, item, levels }) => {
    const [mug, pan, pot] = [await item({ LAX: 1 }), await item({ LAX: 1 }), await item({ LAX: 1 })]
    const lines = (...skus: string[]) => skus.map((sku) => ({ sku, quantity: 1 }))
    const old = reservationOf(await engine.reserve({ lines: lines(mug, pan), customerId }))
    expect(await engine.reserve({ lines: lines(pan, pot), customerId, replaces: old.id })).toMatchObject({
      outcome: "reserved",
    })
    expect([await levels(mug), await levels(pan), await levels(pot)]).toEqual([
      { LAX: "1 0 1" },
      { LAX: "1 1 0" },
      { LAX: "1 1 0" },
    ])
  },

  "when there is too little even so, the old hold stays as it was": async ({
    engine,
    item,
    hold,
    journal,
  }) => {
    const sku = await item({ LAX: 5 })
    const old = await hold(sku, 3, { customerId })
    const request = { customerId, replaces: old.id }
    expect(await engine.reserve({ ...request, lines: [{ sku, quantity: 6 }] })).toEqual({
      outcome: "insufficient_stock",
      shortages: [{ sku, requested: 6, available: 5 }],
    })
    expect(await engine.reserve({ ...request, lines: [{ sku: "UNKNOWN", quantity: 1 }] })).toMatchObject({
      outcome: "item_not_found",
    })
    expect(await engine.reservation(old.id)).toEqual(persisted(old))
    expect(await journal(sku)).toHaveLength(2)
    expect(await engine.confirm(old.id)).toMatchObject({ outcome: "confirmed" })
  },

  "the safety stock is kept back from what is given back, too": async ({ engine, item, hold }) => {
    const sku = await item({ LAX: 5 })
    const old = await hold(sku, 4, { customerId })
    await engine.setSafetyStock({ sku, location: "LAX", safetyStock: 3 })
    const replace = (quantity: number) =>
      engine.reserve({ lines: [{ sku, quantity }], customerId, replaces: old.id })
    expect(await replace(3)).toMatchObject({ outcome: "insufficient_stock", shortages: [{ available: 2 }] })
    expect(await replace(2)).toMatchObject({ outcome: "reserved" })
  },

  "somebody else's, an unknown and a malformed one are not found": async ({ engine, item, hold, levels }) => {
    const sku = await item({ LAX: 5 })
    const others = [await hold(sku, 1, { customerId: "c-2" }), await hold(sku, 1)]
    for (const id of [...others.map((one) => one.id), UNKNOWN, "rsv_1", ""]) {
      expect(await engine.reserve({ lines: [{ sku, quantity: 1 }], customerId, replaces: id })).toEqual({
        outcome: "reservation_not_found",
        id,
      })
    }
    for (const one of others) expect(await engine.reservation(one.id)).toEqual(persisted(one))
    expect(await levels(sku)).toEqual({ LAX: "5 2 3" })
  },

  "somebody else's is not found whatever became of it": async ({ engine, item, hold }) => {
    const sku = await item({ LAX: 5 })
    const [sold, given] = [
      await hold(sku, 1, { customerId: "c-2" }),
      await hold(sku, 1, { customerId: "c-2" }),
    ]
    await engine.confirm(sold.id)
    await engine.release(given.id)
    for (const { id } of [sold, given]) {
      const answer = await engine.reserve({ lines: [{ sku, quantity: 1 }], customerId, replaces: id })
      expect(answer).toEqual({ outcome: "reservation_not_found", id })
    }
  },

  "one that is confirmed is refused with what it is": async ({ engine, item, hold, levels }) => {
    const sku = await item({ LAX: 5 })
    const sold = await hold(sku, 1, { customerId })
    await engine.confirm(sold.id, { reference: "order-1" })
    expect(
      await engine.reserve({ lines: [{ sku, quantity: 1 }], customerId, replaces: sold.id }),
    ).toMatchObject({
      outcome: "reservation_confirmed",
      reservation: { id: sold.id, state: "confirmed", reference: "order-1" },
    })
    expect(await levels(sku)).toEqual({ LAX: "4 0 4" })
  },

  "one that has been released is ignored": async ({ engine, item, hold, journal }) => {
    const sku = await item({ LAX: 1 })
    const given = await hold(sku, 1, { customerId })
    await engine.release(given.id, { reason: "changed my mind" })
    const request = { lines: [{ sku, quantity: 1 }], customerId, replaces: given.id }
    expect(await engine.reserve(request)).toMatchObject({ outcome: "reserved" })
    expect(await engine.reserve(request)).toMatchObject({ outcome: "insufficient_stock" })
    expect((await journal(sku)).filter(({ kind }) => kind === "released")).toMatchObject([
      { reason: "changed my mind" },
    ])
  },

  "of two that replace one hold at the same time one gets its unit": async ({
    engine,
    item,
    hold,
    levels,
  }) => {
    const sku = await item({ LAX: 1 })
    const old = await hold(sku, 1, { customerId })
    const request = { lines: [{ sku, quantity: 1 }], customerId, replaces: old.id }
    const outcomes = await Promise.all([engine.reserve(request), engine.reserve(request)])
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["insufficient_stock", "reserved"])
    expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
  },

  "of a replacement and a confirm at the same time one comes first": async ({ engine, item, hold }) => {
    const sku = await item({ LAX: 1 })
    const old = await hold(sku, 1, { customerId })
    const [made, confirmed] = await Promise.all([
      engine.reserve({ lines: [{ sku, quantity: 1 }], customerId, replaces: old.id }),
      engine.confirm(old.id),
    ])
    expect(["reserved reservation_released", "reservation_confirmed confirmed"]).toContain(
      `${made.outcome} ${confirmed.outcome}`,
    )
  },
})
