/** Every cell of the contract's table of states: the answer, what is left, and that asking again changes nothing. */
import { expect } from "vitest"
import type { Reservation } from "../../src/index.ts"
import { persisted, type Subject } from "./subject.ts"
import { type CasesOverTime, conformance, conformanceOverTime } from "./suite.ts"

type Situation = "held" | "overdue" | "confirmed" | "released" | "expired"
type Command = "confirm" | "release" | "extend"
type Cell = readonly [outcome: string, state: string]

const CONTRACT: Record<Command, Record<Situation, Cell>> = {
  confirm: {
    held: ["confirmed", "confirmed"],
    overdue: ["reservation_expired", "expired"],
    confirmed: ["confirmed", "confirmed"],
    released: ["reservation_released", "released"],
    expired: ["reservation_expired", "expired"],
  },
  release: {
    held: ["released", "released"],
    overdue: ["expired", "expired"],
    confirmed: ["reservation_confirmed", "confirmed"],
    released: ["released", "released"],
    expired: ["expired", "expired"],
  },
  extend: {
    held: ["extended", "held"],
    overdue: ["reservation_expired", "expired"],
    confirmed: ["reservation_confirmed", "confirmed"],
    released: ["reservation_released", "released"],
    expired: ["reservation_expired", "expired"],
  },
}

/** Of five units with a hold of two: what is on hand, held and available, and what the journal tells of the hold. */
const LEFT: Record<string, readonly [levels: string, kinds: readonly string[]]> = {
  held: ["5 2 3", ["held"]],
  confirmed: ["3 0 3", ["held", "confirmed"]],
  released: ["5 0 5", ["held", "released"]],
  expired: ["5 0 5", ["held", "expired"]],
}

function carryOut({ engine }: Subject, command: Command, id: string) {
  if (command === "confirm") return engine.confirm(id, { reference: "order-2" })
  if (command === "release") return engine.release(id, { reason: "changed my mind" })
  return engine.extend(id, { ttlSeconds: 900 })
}

/** Brings a hold into the situation; the last step comes after the deadlines. */
async function bringInto(subject: Subject, sku: string, situation: Situation) {
  const { engine, hold, shortHold } = subject
  const late = situation === "overdue" || situation === "expired"
  const reservation = await (late ? shortHold(sku, 2) : hold(sku, 2))
  const { id } = reservation
  if (situation === "confirmed") await engine.confirm(id, { reference: "order-1" })
  if (situation === "released") await engine.release(id)
  const finish = async () => {
    if (situation === "expired") expect(await engine.release(id)).toMatchObject({ outcome: "expired" })
  }
  return { reservation, finish }
}

interface Expected {
  readonly sku: string
  readonly id: string
  readonly state: string
  readonly extended?: boolean
}

async function expectLeft(subject: Subject, { sku, id, state, extended = false }: Expected) {
  const [level, kinds] = LEFT[state] ?? ["", []]
  expect(await subject.engine.reservation(id)).toMatchObject({ id, state })
  expect(await subject.levels(sku)).toEqual({ LAX: level })
  const told = (await subject.journal(sku)).filter((row) => row.reservation === id).map(({ kind }) => kind)
  expect(told).toEqual(extended ? [...kinds, "extended"] : kinds)
}

const cells: CasesOverTime = Object.fromEntries(
  Object.entries(CONTRACT).flatMap(([command, row]) =>
    Object.entries(row).map(([situation, [outcome, state]]) => [
      `${command} of one that is ${situation} answers ${outcome} and leaves it ${state}`,
      async (subject: Subject) => {
        const sku = await subject.item({ LAX: 5 })
        const { reservation, finish } = await bringInto(subject, sku, situation as Situation)
        return async () => {
          await finish()
          const answer = await carryOut(subject, command as Command, reservation.id)
          expect(answer).toMatchObject({ outcome, reservation: { id: reservation.id, state } })
          const left = { sku, id: reservation.id, state }
          await expectLeft(subject, { ...left, extended: outcome === "extended" })
          if (outcome === "extended") return
          expect(await carryOut(subject, command as Command, reservation.id)).toEqual(answer)
          await expectLeft(subject, left)
        }
      },
    ]),
  ),
)
/** The last of them: it would end what the others want to meet. */
const expire: CasesOverTime = {
  "expire ends what is overdue and nothing else, whatever its state": async (subject) => {
    const situations = ["held", "overdue", "confirmed", "released", "expired"] as const
    const made: {
      sku: string
      reservation: Reservation
      finish: () => Promise<void>
      situation: Situation
    }[] = []
    for (const situation of situations) {
      const sku = await subject.item({ LAX: 5 })
      made.push({ sku, situation, ...(await bringInto(subject, sku, situation)) })
    }
    return async () => {
      for (const { finish } of made) await finish()
      expect(await subject.engine.sweep()).toBe(1)
      expect(await subject.engine.sweep()).toBe(0)
      for (const { sku, reservation, situation } of made) {
        const state = situation === "overdue" ? "expired" : situation
        await expectLeft(subject, { sku, id: reservation.id, state })
      }
    }
  },
}
conformanceOverTime("states", { ...cells, ...expire })

const UNKNOWN = "rsv_0197c0de5f0a7000a1b2c3d4e5f60718"

conformance("transitions", {
  "a confirm keeps the first reference, also when that was none": async ({ engine, item, hold, journal }) => {
    const sku = await item({ LAX: 5 })
    const [named, unnamed] = [await hold(sku, 1), await hold(sku, 1)]
    const first = await engine.confirm(named.id, { reference: "order-1" })
    expect(first).toMatchObject({ outcome: "confirmed", reservation: { reference: "order-1" } })
    expect(await engine.confirm(named.id, { reference: "order-2" })).toEqual(first)
    expect(await engine.confirm(named.id)).toEqual(first)
    await engine.confirm(unnamed.id)
    expect(await engine.confirm(unnamed.id, { reference: "order-2" })).toMatchObject({
      outcome: "confirmed",
      reservation: { reference: null },
    })
    expect((await journal(sku)).filter(({ kind }) => kind === "confirmed")).toMatchObject([
      { reference: "order-1" },
      { reference: null },
    ])
  },

  "a release leaves its reason in the journal": async ({ engine, item, hold, journal }) => {
    const sku = await item({ LAX: 5 })
    const [one, other] = [await hold(sku, 1), await hold(sku, 1)]
    await engine.release(one.id, { reason: "changed my mind" })
    await engine.release(one.id, { reason: "another reason" })
    await engine.release(other.id)
    expect((await journal(sku)).filter(({ kind }) => kind === "released")).toMatchObject([
      { reservation: one.id, reason: "changed my mind", heldDelta: -1 },
      { reservation: other.id, reason: null, heldDelta: -1 },
    ])
  },

  "all lines of a basket share its fate": async ({ engine, item, levels }) => {
    const [mug, pan] = [await item({ LAX: 2, JFK: 2 }), await item({ LAX: 5 })]
    const lines = [
      { sku: mug, quantity: 3 },
      { sku: pan, quantity: 1 },
    ]
    const outcome = await engine.reserve({ lines })
    if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
    expect(await engine.confirm(outcome.reservation.id)).toMatchObject({ outcome: "confirmed" })
    expect(await levels(mug)).toEqual({ LAX: "0 0 0", JFK: "1 0 1" })
    expect(await levels(pan)).toEqual({ LAX: "4 0 4" })
  },

  "an id that was never issued, or is not well formed, is not found": async ({ engine }) => {
    for (const id of [UNKNOWN, UNKNOWN.toUpperCase(), `${UNKNOWN}0`, "rsv_", "", "x' or 1 = 1", "\u0000"]) {
      const answer = { outcome: "reservation_not_found", id }
      expect(await engine.confirm(id)).toEqual(answer)
      expect(await engine.release(id)).toEqual(answer)
      expect(await engine.extend(id, { ttlSeconds: 60 })).toEqual(answer)
      expect(await engine.reservation(id)).toBeNull()
    }
  },

  "of confirm, release and extend at the same time each has a true answer": async ({
    engine,
    item,
    hold,
    levels,
  }) => {
    const sku = await item({ LAX: 10 })
    for (let round = 0; round < 5; round += 1) {
      const { id } = await hold(sku, 1)
      const [confirmed, released] = await Promise.all([engine.confirm(id), engine.release(id)])
      const answers = `${confirmed.outcome} ${released.outcome}`
      expect(["confirmed reservation_confirmed", "reservation_released released"]).toContain(answers)
    }
    const { held } = (await engine.availability(sku)) ?? {}
    expect(held).toBe(0)
    expect(await levels(sku)).toBeDefined()
  },
})

conformance(
  "extend",
  {
    "moves the deadline to that long from now": async ({ engine, item, hold, journal }) => {
      const sku = await item({ LAX: 5 })
      const { id, expiresAt, createdAt } = await hold(sku, 1, { ttlSeconds: 60 })
      const outcome = await engine.extend(id, { ttlSeconds: 900 })
      if (outcome.outcome !== "extended") throw new Error(outcome.outcome)
      const { reservation } = outcome
      expect(reservation.expiresAt.getTime()).toBe(reservation.updatedAt.getTime() + 900_000)
      expect(reservation.expiresAt.getTime()).toBeGreaterThan(expiresAt.getTime())
      expect(reservation).toMatchObject({ state: "held", createdAt })
      expect(await engine.reservation(id)).toEqual(reservation)
      expect((await journal(sku)).at(-1)).toMatchObject({ kind: "extended", heldDelta: 0, onHandDelta: 0 })
    },

    "never brings it forward": async ({ engine, item, hold }) => {
      const { id, expiresAt } = await hold(await item({ LAX: 5 }), 1, { ttlSeconds: 900 })
      expect(await engine.extend(id, { ttlSeconds: 60 })).toMatchObject({
        outcome: "extended",
        reservation: { expiresAt },
      })
    },

    "stops at the lifetime cap, and then changes nothing": async ({ engine, item, hold, journal }) => {
      const sku = await item({ LAX: 5 })
      const held = await hold(sku, 1, { ttlSeconds: 60 })
      expect(await engine.extend(held.id, { ttlSeconds: 1801 })).toEqual({
        outcome: "lifetime_exceeded",
        reservation: persisted(held),
      })
      expect(await engine.reservation(held.id)).toEqual(persisted(held))
      expect(await journal(sku)).toHaveLength(2)
      expect(await engine.extend(held.id, { ttlSeconds: 1700 })).toMatchObject({ outcome: "extended" })
    },
  },
  { holds: { ttlSecondsMax: 3600, lifetimeSecondsMax: 1800 } },
)
