import { expect } from "vitest"
import type { Engine } from "../../src/index.ts"
import { type Answer, answerAll, countOutcomes, reserveCall } from "./calls.ts"

/** Pages of holds that are given back: far above what a test makes. */
const PAGES_MAX = 100
/** Few enough that nobody waits long, also where each commits alone. */
const AT_ONCE = 10

/**
 * Gives every hold back, then reserves unit by unit: exactly as many as are on hand succeed. Finds any unit that was
 * lost or invented, whatever the cause.
 */
export async function expectDrains(
  engine: Engine,
  sku: string,
  onHand: number,
  { atOnce = AT_ONCE } = {},
): Promise<void> {
  await releaseAll(engine, sku)
  expect(await engine.availability(sku)).toMatchObject({ onHand, held: 0 })
  const answers: Answer[] = []
  for (let asked = 0; asked < onHand + 2; asked += atOnce) {
    const calls = Array.from({ length: Math.min(atOnce, onHand + 2 - asked) }, () => reserveCall(sku))
    answers.push(...(await answerAll(engine, calls)))
  }
  expect(countOutcomes(answers)).toEqual({ ...(onHand > 0 && { reserved: onHand }), insufficient_stock: 2 })
}

async function releaseAll(engine: Engine, sku: string): Promise<void> {
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { data } = await engine.reservations({ sku, state: "held", limit: 200 })
    if (data.length === 0) return
    await Promise.all(data.map(({ id }) => engine.release(id)))
  }
  throw new Error(`${sku} still has holds`)
}
