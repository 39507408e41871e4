import { expect, test } from "vitest"
import {
  explainLine,
  type HeldStock,
  type LineReading,
  type LiveHold,
  type LiveHolds,
} from "./explanation.ts"

const ID = "0197c0de-5f0a-7000-a1b2-c3d4e5f60718"
const level = (id: number, more: Partial<HeldStock> = {}): HeldStock => ({
  id,
  sku: "MUG",
  location: `L${id}`,
  priority: id,
  onHand: 10,
  held: 10,
  safetyStock: 0,
  version: 1,
  overdue: 0,
  allotted: 0,
  ...more,
})
/** `quantity@second`, in the order in which they end. */
const holds = (levelId: number, ...texts: string[]): LiveHold[] =>
  texts.map((text) => {
    const [quantity = 0, second = 0] = text.split("@").map(Number)
    return { levelId, reservationId: ID, customerId: "c", quantity, expiresAtMs: second * 1000 }
  })
const counted = (soonest: readonly LiveHold[], count = soonest.length): LiveHolds => ({ soonest, count })

function explain(
  quantity: number,
  levels: HeldStock[],
  ofLevels: Record<number, LiveHolds>,
  more: Partial<LineReading> = {},
) {
  const available = levels.reduce(
    (sum, { onHand, held, safetyStock }) => sum + Math.max(0, onHand - held - safetyStock),
    0,
  )
  return explainLine({
    line: { sku: "MUG", location: null, quantity },
    shortOf: available < quantity ? available : null,
    levels,
    asksRedis: false,
    holdsOf: (id) => ofLevels[id] ?? counted([]),
    credit: new Map(),
    ...more,
  })
}
const at = (second: number) => new Date(second * 1000)

test("there is enough once so many holds have ended, of whichever level", () => {
  const levels = [level(1, { held: 9 }), level(2)]
  const ofLevels = { 1: counted(holds(1, "4@10", "5@40")), 2: counted(holds(2, "1@20", "9@30")) }
  const enoughFor = (quantity: number) => explain(quantity, levels, ofLevels).enoughAt
  expect([1, 2, 5, 6, 7, 15, 16, 20, 21].map(enoughFor)).toEqual([
    null,
    ...[10, 10, 20, 30, 30, 40, 40].map(at),
    null,
  ])
  expect(explain(6, levels, ofLevels)).toMatchObject({
    requested: 6,
    available: 1,
    missing: 5,
    nextExpiry: { at: at(10), units: 4 },
  })
})

test("what comes back fills up the safety stock first", () => {
  const levels = [level(1, { safetyStock: 3 })]
  const { enoughAt, available } = explain(1, levels, { 1: counted(holds(1, "3@10", "1@20", "6@30")) })
  expect([available, enoughAt]).toEqual([0, at(20)])
})

test("holds that end together come back together", () => {
  const { nextExpiry } = explain(1, [level(1), level(2)], {
    1: counted(holds(1, "2@10", "3@10", "5@11")),
    2: counted(holds(2, "4@10")),
  })
  expect(nextExpiry).toEqual({ at: at(10), units: 9 })
})

test("nothing is said of what was not looked at", () => {
  const levels = [level(1), level(2)]
  const ofLevels = { 1: counted(holds(1, "1@10", "1@20"), 5), 2: counted(holds(2, "1@15", "9@30")) }
  const enoughFor = (quantity: number) => explain(quantity, levels, ofLevels).enoughAt
  expect([1, 2, 3, 4].map(enoughFor)).toEqual([at(10), at(15), at(20), null])
})

test("what the request gives back itself counts", () => {
  const reading = { shortOf: 4, credit: new Map([[1, 4]]) }
  const { available, missing, enoughAt } = explain(5, [level(1)], { 1: counted(holds(1, "1@50")) }, reading)
  expect([available, missing, enoughAt]).toEqual([4, 1, at(50)])
})

test("what Redis may grant is shown apart, and available only to who can ask Redis", () => {
  const levels = [level(1, { held: 8, allotted: 5, overdue: 1 })]
  const shown = (asksRedis: boolean) => explain(1, levels, {}, { asksRedis }).locations[0]
  expect(shown(true)).toMatchObject({ onHand: 10, held: 2, allotted: 5, available: 8 })
  expect(shown(false)).toMatchObject({ onHand: 10, held: 2, allotted: 5, available: 3 })
})
