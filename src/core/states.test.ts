import { describe, expect, test } from "vitest"
import { type HoldCommandKind, type Situation, STATES, situationOf, TRANSITIONS } from "./states.ts"

/** The table of the contract, cell by cell: the state afterwards, and the answer. */
const CONTRACT: Record<HoldCommandKind, Record<Situation, readonly [after: string, answer: string]>> = {
  confirm: {
    held: ["confirmed", "confirmed"],
    overdue: ["expired", "reservation_expired"],
    confirmed: ["confirmed", "confirmed"],
    released: ["released", "reservation_released"],
    expired: ["expired", "reservation_expired"],
  },
  release: {
    held: ["released", "released"],
    overdue: ["expired", "expired"],
    confirmed: ["confirmed", "reservation_confirmed"],
    released: ["released", "released"],
    expired: ["expired", "expired"],
  },
  extend: {
    held: ["held", "extended"],
    overdue: ["expired", "reservation_expired"],
    confirmed: ["confirmed", "reservation_confirmed"],
    released: ["released", "reservation_released"],
    expired: ["expired", "reservation_expired"],
  },
  expire: {
    held: ["held", "unchanged"],
    overdue: ["expired", "expired"],
    confirmed: ["confirmed", "unchanged"],
    released: ["released", "unchanged"],
    expired: ["expired", "unchanged"],
  },
}
const SITUATIONS: readonly Situation[] = ["held", "overdue", "confirmed", "released", "expired"]
const FINAL = ["confirmed", "released", "expired"] as const

test("the states are those of the contract", () => {
  expect(STATES).toEqual(["held", "confirmed", "released", "expired"])
})

test("the table is total: every situation has an answer to every command, and there are no others", () => {
  expect(Object.keys(TRANSITIONS).sort()).toEqual([...SITUATIONS].sort())
  for (const row of Object.values(TRANSITIONS)) {
    expect(Object.keys(row).sort()).toEqual(Object.keys(CONTRACT).sort())
  }
})

describe.each(Object.entries(CONTRACT))("%s", (command, cells) => {
  test.each(Object.entries(cells))(
    "of one that is %s is as the contract says",
    (situation, [after, answer]) => {
      const transition = TRANSITIONS[situation as Situation][command as HoldCommandKind]
      // What is overdue is still stored as held.
      const stored = situation === "overdue" ? "held" : situation
      expect(transition.to === "stay" ? stored : transition.to).toBe(after)
      expect(transition.answer).toBe(answer)
    },
  )
})

test("a final state has no way out", () => {
  for (const state of FINAL) {
    for (const transition of Object.values(TRANSITIONS[state])) expect(transition.to).toBe("stay")
  }
})

test("nothing becomes confirmed at or after its deadline, and nothing expires before it", () => {
  for (const { to } of Object.values(TRANSITIONS.overdue)) expect(to).toBe("expired")
  for (const { to } of Object.values(TRANSITIONS.held)) expect(to).not.toBe("expired")
})

describe("a hold is the half-open interval up to its deadline", () => {
  const deadlineMs = 1_700_000_000_000

  test.each([
    [-1, "held"],
    [0, "overdue"],
    [1, "overdue"],
  ])("at the deadline %d ms it is %s", (fromDeadlineMs, situation) => {
    expect(situationOf("held", deadlineMs, deadlineMs + fromDeadlineMs)).toBe(situation)
  })

  test.each(FINAL)("the clock says nothing about one that is %s", (state) => {
    for (const nowMs of [deadlineMs - 1, deadlineMs, deadlineMs + 1]) {
      expect(situationOf(state, deadlineMs, nowMs)).toBe(state)
    }
  })
})
