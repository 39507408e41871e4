/** What random worlds of a few units do not reach: limits, lost answers, and what the journal says. */
import { describe, expect, test } from "vitest"
import type { AdjustCommand, Command, ReserveCommand } from "../commands.ts"
import { toWireId } from "../ids.ts"
import { ON_HAND_MAX } from "../limits.ts"
import type { ReservationRecord, StockLevel } from "../model.ts"
import { decide } from "./decide.ts"
import type { Snapshot } from "./draft.ts"

const NOW_MS = 1_700_000_000_000
const ID = "0197c0de-5f0a-7000-a1b2-c3d4e5f60718"
const OTHER_ID = "0197c0de-5f0a-7000-a1b2-c3d4e5f60719"
const level: StockLevel = {
  ...{ id: 1, sku: "MUG", location: "LAX", priority: 0 },
  ...{ onHand: 5, held: 2, safetyStock: 0, version: 4 },
}
const hold: ReservationRecord = {
  ...{
    id: ID,
    state: "held",
    customerId: null,
    lines: [{ levelId: 1, sku: "MUG", location: "LAX", quantity: 2 }],
  },
  ...{ ttlSeconds: 60, createdAtMs: NOW_MS - 1000, expiresAtMs: NOW_MS + 59_000, updatedAtMs: NOW_MS - 1000 },
  ...{ reference: null, metadata: {}, idempotencyKey: null, fingerprint: null },
}
const reserve: ReserveCommand = {
  ...{
    kind: "reserve",
    id: OTHER_ID,
    customerId: null,
    lines: [{ sku: "MUG", quantity: 1, location: null }],
  },
  ...{ ttlSeconds: 60, ttlSecondsMax: 600, metadata: {}, key: null, replaces: null },
}
const adjust: AdjustCommand = {
  ...{ kind: "adjust", id: OTHER_ID, sku: "MUG", location: "LAX", delta: 1 },
  ...{ reason: "received", reference: null, key: null },
}

function world(change: Partial<Snapshot> = {}): Snapshot {
  return {
    ...{ nowMs: NOW_MS, levels: [level], reservations: [hold], adjustments: [] },
    ...{ allotments: [], revoked: new Map() },
    ...{ knownSkus: new Set<string>(), knownLocations: new Map<string, number>() },
    ...change,
  }
}

/** Decides one after the other over one snapshot. */
function answers(commands: readonly Command[], change: Partial<Snapshot> = {}) {
  const { outcomes, changes } = decide(world(change), commands)
  return { outcomes, journal: changes.journal, changes }
}

describe("an earlier try whose answer was lost", () => {
  const made = { ...hold, id: OTHER_ID, idempotencyKey: "k", fingerprint: "f" }

  test("of a reserve is answered as if it were the first, with the reservation as it stands now", () => {
    const { outcomes, journal } = answers([reserve], { reservations: [{ ...made, state: "confirmed" }] })
    expect(outcomes).toMatchObject([{ outcome: "reserved", reservation: { state: "confirmed" } }])
    expect(journal).toEqual([])
  })

  test("of an adjustment is answered as if it were the first, and not made again", () => {
    const adjustment = { id: OTHER_ID, sku: "MUG", location: "LAX", delta: 1 }
    const adjustments = [{ ...adjustment, idempotencyKey: null, fingerprint: null }]
    const { outcomes, journal } = answers([adjust], { adjustments })
    expect(outcomes).toMatchObject([{ outcome: "adjusted", level: { onHand: 5 } }])
    expect(journal).toEqual([])
  })
})

describe("the units that can be on hand", () => {
  test("may reach the limit, and not pass it", () => {
    const most = { ...level, onHand: ON_HAND_MAX - 1 }
    expect(answers([adjust], { levels: [most] }).outcomes).toMatchObject([
      { outcome: "adjusted", level: { onHand: ON_HAND_MAX } },
    ])
    const { outcomes, journal } = answers([{ ...adjust, delta: 2 }], { levels: [most] })
    expect(outcomes).toMatchObject([{ outcome: "invalid_request", errors: [{ pointer: "/delta" }] }])
    expect(journal).toEqual([])
  })

  test("may fall to what is held, and not below", () => {
    expect(answers([{ ...adjust, delta: -3 }]).outcomes).toMatchObject([
      { outcome: "adjusted", level: { onHand: 2, held: 2, available: 0 } },
    ])
    expect(answers([{ ...adjust, delta: -4 }]).outcomes).toMatchObject([
      { outcome: "stock_below_held", level: { onHand: 5, held: 2 } },
    ])
  })
})

describe("what the journal says", () => {
  const kinds = (commands: readonly Command[], change?: Partial<Snapshot>) =>
    answers(commands, change).journal.map(({ kind, reason, reference }) => ({ kind, reason, reference }))

  test("of a release: its reason", () => {
    expect(kinds([{ kind: "release", id: ID, reason: "changed my mind" }])).toEqual([
      { kind: "released", reason: "changed my mind", reference: null },
    ])
  })

  test("of a confirm: its reference; a second confirm with another one writes nothing and keeps the first", () => {
    const { outcomes, journal } = answers([
      { kind: "confirm", id: ID, reference: "order-1" },
      { kind: "confirm", id: ID, reference: "order-2" },
    ])
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes).toMatchObject([{ reservation: { reference: "order-1" } }, {}])
    expect(journal).toMatchObject([{ kind: "confirmed", reason: null, reference: "order-1" }])
  })

  test("of a hold that is replaced: that it was, and then what replaced it", () => {
    expect(kinds([{ ...reserve, replaces: ID }])).toEqual([
      { kind: "released", reason: "replaced", reference: null },
      { kind: "held", reason: null, reference: null },
    ])
  })

  test("of a command that comes too late: that the hold has expired, without the command's words", () => {
    const late = { nowMs: hold.expiresAtMs }
    for (const command of [
      { kind: "release", id: ID, reason: "changed my mind" },
      { kind: "confirm", id: ID, reference: "order-1" },
      { kind: "extend", id: ID, ttlSeconds: 60, lifetimeMaxSeconds: 600 },
      { kind: "expire", id: ID },
      { ...reserve, replaces: ID },
    ] satisfies Command[]) {
      expect(kinds([command], late)[0]).toEqual({ kind: "expired", reason: null, reference: null })
    }
  })

  test("of an adjustment: its reason and its reference", () => {
    expect(kinds([{ ...adjust, reason: "returned", reference: "parcel-1" }])).toEqual([
      { kind: "adjusted", reason: "returned", reference: "parcel-1" },
    ])
  })

  test("of a safety stock that stays as it is: nothing", () => {
    const set = { kind: "set_safety_stock", sku: "MUG", location: "LAX" } as const
    expect(kinds([{ ...set, safetyStock: 0 }])).toEqual([])
    expect(kinds([{ ...set, safetyStock: 1 }])).toEqual([
      { kind: "safety_stock_set", reason: null, reference: null },
    ])
  })
})

describe("extending", () => {
  const extend = (ttlSeconds: number, lifetimeMaxSeconds: number) =>
    answers([{ kind: "extend", id: ID, ttlSeconds, lifetimeMaxSeconds }]).outcomes[0]

  test("may reach the lifetime cap, counted from the beginning, and not pass it", () => {
    expect(extend(99, 100)).toMatchObject({
      outcome: "extended",
      reservation: { expiresAt: new Date(NOW_MS + 99_000) },
    })
    expect(extend(100, 100)).toMatchObject({
      outcome: "lifetime_exceeded",
      reservation: { expiresAt: new Date(hold.expiresAtMs) },
    })
  })

  test("never brings the deadline forward", () => {
    expect(extend(58, 100)).toMatchObject({
      outcome: "extended",
      reservation: { expiresAt: new Date(hold.expiresAtMs) },
    })
  })
})

test("a level that the batch makes stands where its location's priority puts it", () => {
  const knownLocations = new Map([["JFK", -1]])
  const commands = [
    { ...adjust, location: "JFK", delta: 5 },
    { ...reserve, id: ID },
  ]
  const { outcomes } = answers(commands, { reservations: [], knownLocations })
  expect(outcomes[1]).toMatchObject({ reservation: { lines: [{ location: "JFK" }] } })
})

test("a key of reservations and the same key of adjustments are two keys", () => {
  const key = { key: "k", fingerprint: "f", accepts: ["f"] }
  const { outcomes } = answers([
    { ...adjust, key },
    { ...reserve, key },
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["adjusted", "reserved"])
})

test("a hold past its deadline is shown as expired by whoever meets it without ending it", () => {
  const twin = { ...hold, idempotencyKey: "k", fingerprint: "f", expiresAtMs: NOW_MS }
  const key = { key: "k", fingerprint: "f", accepts: ["f"] }
  const { outcomes, journal } = answers([{ ...reserve, key }], { reservations: [twin] })
  expect(outcomes).toMatchObject([
    { outcome: "replayed", reservation: { id: toWireId(ID), state: "expired" } },
  ])
  expect(journal).toEqual([])
})
