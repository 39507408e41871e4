import { afterAll, expect, test } from "vitest"
import { STRATEGIES } from "../../src/index.ts"
import { createTestEngine, stock, type TestEngine } from "../support/engine.ts"

for (const strategy of STRATEGIES) {
  test(`smoke ${strategy}`, async () => {
    const t: TestEngine = await createTestEngine({ strategy })
    const { engine } = t
    await stock(engine, "MUG", { LAX: 1, JFK: 5 })
    const a = await engine.reserve({ lines: [{ sku: "MUG", quantity: 2 }], idempotencyKey: "k" })
    expect(a.outcome).toBe("reserved")
    const b = await engine.reserve({ lines: [{ sku: "MUG", quantity: 2 }], idempotencyKey: "k" })
    expect(b.outcome).toBe("replayed")
    const c = await engine.reserve({ lines: [{ sku: "MUG", quantity: 4 }] })
    expect(c.outcome).toBe("reserved")
    const d = await engine.reserve({ lines: [{ sku: "MUG", quantity: 1 }] })
    expect(d).toMatchObject({ outcome: "insufficient_stock" })
    if (a.outcome !== "reserved" || c.outcome !== "reserved") throw new Error()
    expect(await engine.confirm(a.reservation.id, { reference: "x" })).toMatchObject({ outcome: "confirmed", reservation: { reference: "x" } })
    expect(await engine.release(c.reservation.id)).toMatchObject({ outcome: "released" })
    expect(await engine.availability("MUG")).toMatchObject({ available: 4, onHand: 4, held: 0 })
    expect((await engine.reservations({ sku: "MUG" })).data.map((r) => r.id)).toEqual([c.reservation.id, a.reservation.id])
    await t.close()
  })
}
