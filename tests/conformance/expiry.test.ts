/** Promise L1 with every worker stopped: from its deadline on a hold counts as free, and the first who needs it ends it. */
import { expect } from "vitest"
import { persisted, reservationOf } from "./subject.ts"
import { conformanceOverTime } from "./suite.ts"

conformanceOverTime("expiry without a sweeper", {
  "reads count what is overdue as free, and write nothing": async ({
    engine,
    item,
    hold,
    shortHold,
    pool,
    journal,
  }) => {
    const sku = await item({ LAX: 5 })
    const customerId = "c-reads"
    const late = await shortHold(sku, 2, { customerId })
    const held = await hold(sku, 1, { customerId })
    return async () => {
      const seen = { onHand: 5, held: 1, available: 4 }
      expect(await engine.availability(sku)).toMatchObject({ ...seen, locations: [seen] })
      expect(await engine.item(sku)).toMatchObject({ ...seen, locations: [seen] })
      expect((await engine.items({ q: sku })).data).toMatchObject([{ ...seen, locations: [seen] }])
      expect(await engine.reservation(late.id)).toEqual({ ...persisted(late), state: "expired" })
      const listed = async (state?: "held" | "expired") =>
        (await engine.reservations({ customerId, state })).data.map((one) => `${one.id} ${one.state}`)
      expect(await listed()).toEqual([`${held.id} held`, `${late.id} expired`])
      expect(await listed("held")).toEqual([`${held.id} held`])
      expect(await listed("expired")).toEqual([`${late.id} expired`])
      expect((await journal(sku)).map(({ kind }) => kind)).toEqual(["adjusted", "held", "held"])
      const { rows } = await pool.query(
        `select (s.held - coalesce(a.units, 0))::int as held
         from earmark.stock_levels s left join earmark.allotments a on a.stock_level_id = s.id
         where s.sku = $1`,
        [sku],
      )
      expect(rows).toEqual([{ held: 3 }])
    }
  },

  "a reserve that would fall short takes back what is overdue in its own transaction": async (subject) => {
    const { engine, item, shortHold, journal, levels } = subject
    const sku = await item({ LAX: 5 })
    const late = await shortHold(sku, 4)
    return async () => {
      const made = reservationOf(await engine.reserve({ lines: [{ sku, quantity: 3 }] }))
      const [, , expired, held] = await journal(sku)
      expect(expired).toMatchObject({ kind: "expired", reservation: late.id, heldDelta: -4 })
      expect(held).toMatchObject({ kind: "held", reservation: made.id, heldDelta: 3 })
      expect(held?.transaction).toBe(expired?.transaction)
      expect(await levels(sku)).toEqual({ LAX: "5 3 2" })
    }
  },

  "and takes back as many as there are": async ({ engine, item, shortHold, levels, journal }) => {
    const sku = await item({ LAX: 20, JFK: 20 })
    for (let index = 0; index < 40; index += 1) await shortHold(sku, 1)
    return async () => {
      expect(await engine.reserve({ lines: [{ sku, quantity: 40 }] })).toMatchObject({ outcome: "reserved" })
      expect(await levels(sku)).toEqual({ LAX: "20 20 0", JFK: "20 20 0" })
      expect((await journal(sku)).filter(({ kind }) => kind === "expired")).toHaveLength(40)
    }
  },

  "for a basket, on every level that it needs": async ({ engine, item, shortHold, levels }) => {
    const [mug, pan] = [await item({ LAX: 2 }), await item({ LAX: 2, JFK: 1 })]
    await shortHold(mug, 2)
    await shortHold(pan, 3)
    await engine.reserve({ lines: [{ sku: mug, quantity: 1 }], ttlSeconds: 1 })
    return async () => {
      const lines = [
        { sku: mug, quantity: 2 },
        { sku: pan, quantity: 1, location: "JFK" },
        { sku: pan, quantity: 2 },
      ]
      expect(await engine.reserve({ lines })).toMatchObject({ outcome: "reserved" })
      expect(await levels(mug)).toEqual({ LAX: "2 2 0" })
      expect(await levels(pan)).toEqual({ LAX: "2 2 0", JFK: "1 1 0" })
    }
  },

  "ends a whole overdue basket, also where only one of its lines is needed": async (subject) => {
    const { engine, item, levels } = subject
    const [mug, pan] = [await item({ LAX: 1 }), await item({ LAX: 1 })]
    const lines = [mug, pan].map((sku) => ({ sku, quantity: 1 }))
    const late = reservationOf(await engine.reserve({ lines, ttlSeconds: 1 }))
    await subject.shortHold(await item({ LAX: 1 }), 1)
    return async () => {
      expect(await engine.reserve({ lines: [{ sku: mug, quantity: 1 }] })).toMatchObject({
        outcome: "reserved",
      })
      expect(await levels(pan)).toEqual({ LAX: "1 0 1" })
      expect(await engine.reservation(late.id)).toMatchObject({ state: "expired" })
    }
  },

  "one that is short all the same says what is really available": async ({
    engine,
    item,
    hold,
    shortHold,
  }) => {
    const sku = await item({ LAX: 5 })
    await shortHold(sku, 2)
    const { id } = await hold(sku, 2)
    return async () => {
      expect(await engine.reserve({ lines: [{ sku, quantity: 4 }] })).toEqual({
        outcome: "insufficient_stock",
        shortages: [{ sku, requested: 4, available: 3 }],
      })
      expect(await engine.reservation(id)).toMatchObject({ state: "held" })
    }
  },

  "of many who want the one overdue unit one gets it": async ({ engine, item, shortHold, levels }) => {
    const sku = await item({ LAX: 1 })
    const { id } = await shortHold(sku, 1)
    return async () => {
      const [late, ...outcomes] = await Promise.all([
        engine.confirm(id),
        ...Array.from({ length: 8 }, () => engine.reserve({ lines: [{ sku, quantity: 1 }] })),
      ])
      expect(late.outcome).toBe("reservation_expired")
      expect(outcomes.filter(({ outcome }) => outcome === "reserved")).toHaveLength(1)
      expect(outcomes.filter(({ outcome }) => outcome === "insufficient_stock")).toHaveLength(7)
      expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
    }
  },

  "a late confirm does not touch who has the units now": async ({ engine, item, shortHold, levels }) => {
    const sku = await item({ LAX: 1 })
    const late = await shortHold(sku, 1)
    return async () => {
      const made = reservationOf(await engine.reserve({ lines: [{ sku, quantity: 1 }] }))
      for (let again = 0; again < 2; again += 1) {
        expect(await engine.confirm(late.id)).toMatchObject({ outcome: "reservation_expired" })
        expect(await engine.release(late.id)).toMatchObject({ outcome: "expired" })
      }
      expect(await levels(sku)).toEqual({ LAX: "1 1 0" })
      expect(await engine.confirm(made.id)).toMatchObject({ outcome: "confirmed" })
    }
  },

  "a replay shows it as expired, before and after that is recorded": async ({ engine, item, shortHold }) => {
    const sku = await item({ LAX: 1 })
    const request = { lines: [{ sku, quantity: 1 }], ttlSeconds: 1, idempotencyKey: "late" }
    const { id } = await shortHold(sku, 1, { idempotencyKey: "late" })
    return async () => {
      const replayed = { outcome: "replayed", reservation: { id, state: "expired" } }
      expect(await engine.reserve(request)).toMatchObject(replayed)
      await engine.release(id)
      expect(await engine.reserve(request)).toMatchObject(replayed)
    }
  },

  "an adjustment below what is held works while that is overdue": async ({
    engine,
    item,
    hold,
    shortHold,
  }) => {
    const sku = await item({ LAX: 5 })
    await shortHold(sku, 2)
    await shortHold(sku, 1)
    await hold(sku, 1)
    return async () => {
      const counted = (delta: number) => engine.adjust({ sku, location: "LAX", delta, reason: "counted" })
      expect(await counted(-5)).toMatchObject({ outcome: "stock_below_held", level: { onHand: 5, held: 1 } })
      expect(await counted(-4)).toMatchObject({
        outcome: "adjusted",
        level: { onHand: 1, held: 1, available: 0 },
      })
    }
  },

  "an adjustment and a safety stock answer with what is really held": async ({ engine, item, shortHold }) => {
    const [sku, other] = [await item({ LAX: 5 }), await item({ LAX: 5 })]
    await shortHold(sku, 2)
    await shortHold(other, 2)
    return async () => {
      expect(await engine.adjust({ sku, location: "LAX", delta: 1, reason: "received" })).toMatchObject({
        level: { onHand: 6, held: 0, available: 6 },
      })
      expect(await engine.setSafetyStock({ sku: other, location: "LAX", safetyStock: 1 })).toMatchObject({
        level: { onHand: 5, held: 0, available: 4 },
      })
    }
  },

  "an overdue hold that is replaced has expired, and its units are free for everybody": async (subject) => {
    const { engine, item, shortHold, journal } = subject
    const sku = await item({ LAX: 3 })
    const customerId = "c-late"
    const late = await shortHold(sku, 3, { customerId })
    return async () => {
      const request = { lines: [{ sku, quantity: 2 }], customerId, replaces: late.id }
      expect(await engine.reserve(request)).toMatchObject({ outcome: "reserved" })
      expect(await engine.reservation(late.id)).toMatchObject({ state: "expired" })
      expect((await journal(sku)).map(({ kind, reason }) => [kind, reason])).toEqual([
        ["adjusted", "received"],
        ["held", null],
        ["expired", null],
        ["held", null],
      ])
      expect(await engine.reserve(request)).toMatchObject({
        outcome: "insufficient_stock",
        shortages: [{ requested: 2, available: 1 }],
      })
    }
  },

  "a hold that was extended in time outlives its first deadline": async ({
    engine,
    item,
    shortHold,
    levels,
  }) => {
    const sku = await item({ LAX: 1 })
    const { id } = await shortHold(sku, 1)
    const extended = await engine.extend(id, { ttlSeconds: 600 })
    return async () => {
      // On a machine that stood still for a second the extension came too late, and says so.
      if (extended.outcome !== "extended") return expect(extended.outcome).toBe("reservation_expired")
      expect(await engine.reserve({ lines: [{ sku, quantity: 1 }] })).toMatchObject({
        outcome: "insufficient_stock",
      })
      expect(await engine.confirm(id)).toMatchObject({ outcome: "confirmed" })
      expect(await levels(sku)).toEqual({ LAX: "0 0 0" })
    }
  },

  "inside a caller's transaction a reserve takes back what is overdue, or leaves it with the rest": async (
    subject,
  ) => {
    const { engine, item, shortHold, within, levels, journal } = subject
    const sku = await item({ LAX: 2 })
    await shortHold(sku, 1)
    await shortHold(sku, 1)
    return async () => {
      const request = { lines: [{ sku, quantity: 2 }] }
      const undone = within(async (tx) => {
        expect(await engine.reserve(request, { tx })).toMatchObject({ outcome: "reserved" })
        throw new Error("the caller changed its mind")
      })
      await expect(undone).rejects.toThrow("the caller changed its mind")
      expect((await journal(sku)).map(({ kind }) => kind)).toEqual(["adjusted", "held", "held"])
      const made = await within((tx) => engine.reserve(request, { tx }))
      expect(made).toMatchObject({ outcome: "reserved" })
      expect(await levels(sku)).toEqual({ LAX: "2 2 0" })
    }
  },
})

conformanceOverTime("sweep", {
  "records the end of what is overdue, each once however many sweep": async ({
    engine,
    item,
    hold,
    shortHold,
    journal,
  }) => {
    const sku = await item({ LAX: 20, JFK: 5 })
    const held = await hold(sku, 1)
    const late: string[] = []
    for (let index = 0; index < 6; index += 1) late.push((await shortHold(sku, 1)).id)
    late.push((await shortHold(sku, 15)).id)
    return async () => {
      expect(await engine.sweep(3)).toBe(3)
      const expired = async () =>
        (await journal(sku)).flatMap(({ kind, reservation }) => (kind === "expired" ? [reservation] : []))
      // The longest overdue first.
      expect((await expired()).sort()).toEqual(late.slice(0, 3).sort())
      const swept = await Promise.all([engine.sweep(), engine.sweep(), engine.sweep()])
      expect(swept.reduce((sum, count) => sum + count, 0)).toBe(4)
      expect(await engine.sweep()).toBe(0)
      expect(new Set(await expired())).toEqual(new Set(late))
      expect((await engine.reservations({ state: "held" })).data.map(({ id }) => id)).toEqual([held.id])
      for (const id of late) expect(await engine.reservation(id)).toMatchObject({ state: "expired" })
    }
  },
})

conformanceOverTime("what a sweep writes", {
  "is what a command that comes too late would have written": async (subject) => {
    const { engine, item, shortHold, journal, levels } = subject
    /** Single lines, one split over two locations, and a basket over both items. */
    const makeWorld = async () => {
      const [mug, pan] = [await item({ LAX: 7, JFK: 5 }), await item({ LAX: 4 })]
      const ids = [(await shortHold(mug, 2)).id, (await shortHold(mug, 9)).id]
      const lines = [
        { sku: mug, quantity: 1 },
        { sku: pan, quantity: 3 },
      ]
      ids.push(reservationOf(await engine.reserve({ lines, ttlSeconds: 1 })).id)
      await shortHold(await item({ LAX: 1 }), 1)
      return { mug, pan, ids }
    }
    const [swept, late] = [await makeWorld(), await makeWorld()]
    return async () => {
      for (const id of late.ids) expect(await engine.release(id)).toMatchObject({ outcome: "expired" })
      expect(await engine.sweep()).toBe(swept.ids.length + 2)
      const seen = async ({ mug, pan, ids }: typeof swept) => ({
        levels: [await levels(mug), await levels(pan)],
        journal: (await Promise.all([journal(mug), journal(pan)])).map((rows) =>
          rows
            .map(({ transaction: _, reservation, ...row }) => ({
              ...row,
              reservation: ids.indexOf(reservation ?? ""),
            }))
            // In which order holds end is up to the sweep; that one follows from the other is for the laws to say.
            .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
        ),
        reservations: await Promise.all(
          ids.map(async (id) => {
            const found = (await engine.reservation(id)) ?? expect.fail(`${id} is gone`)
            return {
              state: found.state,
              reference: found.reference,
              late: found.updatedAt >= found.expiresAt,
            }
          }),
        ),
      })
      expect(await seen(swept)).toEqual(await seen(late))
    }
  },
})
