import { expect, test } from "vitest"
import type { Change } from "./changes.ts"
import { transitionsOf } from "./transitions.ts"

const change = (levelId: number, version: number, kind: string, reservationId: string | null) =>
  ({ levelId, version, kind, reservationId }) as Change

test("rows of one transition are together, a second one of the same kind apart, in the order of the decisions", () => {
  const held = [change(1, 1, "held", "a"), change(2, 1, "held", "a")]
  const extended = [change(1, 2, "extended", "a"), change(2, 2, "extended", "a")]
  const adjusted = [change(2, 3, "adjusted", null)]
  const extendedAgain = [change(1, 3, "extended", "a"), change(2, 4, "extended", "a")]
  const decided = [held, extended, adjusted, extendedAgain]
  expect(transitionsOf(decided.flat())).toEqual(decided)
  // As they may be read: level by level, in any order.
  expect(
    transitionsOf(decided.flat().toSorted((a, b) => a.levelId - b.levelId || b.version - a.version)),
  ).toEqual(decided)
})

test("rows that cannot have been decided one after the other are refused", () => {
  const crossed = [
    change(1, 1, "held", "a"),
    change(1, 2, "held", "b"),
    change(2, 1, "held", "b"),
    change(2, 2, "held", "a"),
  ]
  expect(() => transitionsOf(crossed)).toThrow("cannot have been decided")
})
