/** Many keyed reserves, some confirmed at once: what is under way when something is killed. */
import { expect } from "vitest"
import type { Engine } from "../../src/index.ts"
import { type Answer, answer, countOutcomes, reserveCall } from "./calls.ts"
import { expectDrains } from "./drain.ts"

export const BURST_SKU = "MUG"
const CALLERS = 20

export interface Sale {
  readonly key: string
  readonly reserved: Answer
  /** Every other one is confirmed. */
  readonly confirmed?: Answer
}

/** Sells with every key; `sold` hears of each sale as soon as it is answered. */
export async function sellBurst(
  engine: Engine,
  keys: readonly string[],
  sold: (sale: Sale) => void = () => {},
): Promise<Sale[]> {
  const sales: Sale[] = []
  const left = [...keys]
  const caller = async () => {
    for (let key = left.shift(); key !== undefined; key = left.shift()) {
      const sale = await sell(engine, key)
      sales.push(sale)
      sold(sale)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return sales
}

async function sell(engine: Engine, key: string): Promise<Sale> {
  const reserved = await answer(engine, reserveCall(BURST_SKU, 1, key))
  if (reserved.id === undefined || !isToConfirm(key)) return { key, reserved }
  return { key, reserved, confirmed: await answer(engine, { kind: "confirm", id: reserved.id }) }
}

const isToConfirm = (key: string) => Number(key.slice(1)) % 2 === 0

/** After the fault: repeats every key, and whatever was said before must be true and stay true. */
export async function expectBurstKept(
  engine: Engine,
  { before, units }: { before: readonly Sale[]; units: number },
): Promise<void> {
  const again = new Map(
    (
      await sellBurst(
        engine,
        before.map(({ key }) => key),
      )
    ).map((sale) => [sale.key, sale]),
  )
  for (const { key, reserved, confirmed } of before) {
    const now = again.get(key)
    const said = JSON.stringify({ key, reserved, confirmed, now })
    expect(["reserved", "replayed"], said).toContain(now?.reserved.outcome)
    if (reserved.id !== undefined)
      expect(now?.reserved, said).toMatchObject({ outcome: "replayed", id: reserved.id })
    // "Nothing was changed" is as much of a promise as "reserved".
    if (reserved.notApplied) expect(now?.reserved.outcome, said).toBe("reserved")
    if (confirmed?.outcome === "confirmed") expect(now?.reserved.state, said).toBe("confirmed")
    if (confirmed?.notApplied) expect(now?.reserved.state, said).toBe("held")
    if (now?.confirmed) expect(now.confirmed.outcome, said).toBe("confirmed")
  }
  const counts = countOutcomes(before.map(({ reserved }) => reserved))
  expect(Object.keys(counts).filter((outcome) => !POSSIBLE.has(outcome))).toEqual([])
  const sold = before.filter(({ key }) => isToConfirm(key)).length
  await expectDrains(engine, BURST_SKU, units - sold)
}

const POSSIBLE = new Set(["reserved", "replayed", "unavailable", "outcome_unknown"])
