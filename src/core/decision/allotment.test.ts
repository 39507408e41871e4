/**
 * Postgres and one shard, as they pass units to and fro over a line that loses messages and repeats them. The shard is a
 * model of a few counters; what Postgres does is the decision under test.
 */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { applyChanges } from "../../../tests/support/apply-changes.ts"
import type { Grant } from "../allotments.ts"
import type { Command, OutcomeOf } from "../commands.ts"
import type { StockLevel } from "../model.ts"
import { decide } from "./decide.ts"
import type { Snapshot } from "./draft.ts"

const PLACE = { sku: "MUG", location: "LAX" }
const LEVEL: StockLevel = { ...PLACE, id: 1, priority: 0, onHand: 20, held: 0, safetyStock: 2, version: 1 }

class World {
  postgres: Snapshot = {
    nowMs: 1_700_000_000_000,
    levels: [LEVEL],
    reservations: [],
    adjustments: [],
    allotments: [],
    revoked: new Map(),
    knownSkus: new Set(),
    knownLocations: new Map(),
  }
  epoch = 1
  /** What the shard has of this epoch. */
  shard = { free: 0, allottedTotal: 0, returnedTotal: 0 }
  /** Granted and not known to be persisted. */
  grants: Grant[] = []
  acknowledged = new Set<string>()
  #made = 0

  do<C extends Command>(command: C): OutcomeOf<C> {
    const decision = decide(this.postgres, [command])
    this.postgres = applyChanges(this.postgres, decision.changes, () => 0)
    return decision.outcomes[0] as OutcomeOf<C>
  }

  get level(): StockLevel {
    return this.postgres.levels[0] as StockLevel
  }

  get allotted() {
    const [allotment] = this.postgres.allotments
    return allotment ?? { levelId: 1, epoch: 0, units: 0, allottedTotal: 0, returnedTotal: 0 }
  }

  grant(quantity: number, key: string | null): void {
    if (this.shard.free < quantity) return
    this.#made += 1
    const id = `00000000-0000-7000-8000-${String(this.#made).padStart(12, "0")}`
    this.shard.free -= quantity
    this.acknowledged.add(id)
    this.grants.push({
      id,
      customerId: null,
      lines: [{ ...PLACE, quantity }],
      ttlSeconds: 600,
      createdAtMs: this.postgres.nowMs - 5,
      metadata: {},
      key: key === null ? null : { key, fingerprint: "f" },
    })
  }

  tell(total: number): void {
    const added = Math.max(0, total - this.shard.allottedTotal)
    this.shard.free += added
    this.shard.allottedTotal += added
  }

  takeBack(units: number): void {
    const taken = Math.min(units, this.shard.free)
    this.shard.free -= taken
    this.shard.returnedTotal += taken
  }

  /** Grants that are persisted go; those that are nobody's leave their units behind. */
  forget(grants: readonly Grant[], discardedIds: readonly string[]): void {
    this.grants = this.grants.filter((grant) => !grants.includes(grant))
    for (const { id, lines } of grants) {
      if (discardedIds.includes(id)) for (const { quantity } of lines) this.shard.free += quantity
    }
  }

  /** The shard loses everything; Postgres begins the next epoch. */
  lose(): void {
    this.grants = []
    this.shard = { free: 0, allottedTotal: 0, returnedTotal: 0 }
    this.epoch += 1
    this.do({ kind: "close_allotment", ...PLACE, epoch: this.epoch })
  }
}

type Step = (world: World) => void
const units = fc.integer({ min: 1, max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  units.map((more): Step => {
    return (world) => {
      const { allottedTotal } = world.allotted.epoch === world.epoch ? world.allotted : { allottedTotal: 0 }
      world.do({ kind: "allot", ...PLACE, epoch: world.epoch, allottedTotal: allottedTotal + more })
    }
  }),
  // Told, perhaps late, perhaps again.
  fc.constant<Step>((world) => {
    if (world.allotted.epoch === world.epoch) world.tell(world.allotted.allottedTotal)
  }),
  fc.record({ quantity: fc.integer({ min: 1, max: 3 }), key: fc.constantFrom(null, null, "k1", "k2") }).map(
    ({ quantity, key }): Step =>
      (world) =>
        world.grant(quantity, key),
  ),
  // Persisted, and forgotten or not: the acknowledgement may be lost.
  fc.record({ count: fc.integer({ min: 1, max: 4 }), forgets: fc.boolean() }).map(
    ({ count, forgets }): Step =>
      (world) => {
        const some = world.grants.slice(0, count)
        const outcome = world.do({ kind: "persist", epoch: world.epoch, grants: [...some, ...some] })
        if (forgets) world.forget(some, outcome.discardedIds)
      },
  ),
  units.map(
    (count): Step =>
      (world) =>
        world.takeBack(count),
  ),
  fc.constant<Step>((world) => {
    world.do({ kind: "give_back", ...PLACE, epoch: world.epoch, returnedTotal: world.shard.returnedTotal })
  }),
  // A worker that was away for an epoch comes with what it had read before, and a service that reports what was lost.
  fc.boolean().map(
    (isReportedFirst): Step =>
      (world) => {
        const late = world.grants
        world.lose()
        const report = () => world.do({ kind: "revoke_lost", epoch: world.epoch - 1, grants: late })
        if (isReportedFirst) report()
        world.do({ kind: "persist", epoch: world.epoch - 1, grants: late })
        report()
        world.do({ kind: "allot", ...PLACE, epoch: world.epoch - 1, allottedTotal: 5 })
        world.do({ kind: "give_back", ...PLACE, epoch: world.epoch - 1, returnedTotal: 3 })
      },
  ),
  fc.constant<Step>((world) => {
    const [held] = world.postgres.reservations.filter(({ state }) => state === "held")
    if (held) world.do({ kind: "confirm", id: held.id, reference: null })
  }),
  fc.constant<Step>((world) => {
    world.do({
      kind: "reserve",
      id: `00000000-0000-7000-8000-f${String(world.postgres.reservations.length).padStart(11, "0")}`,
      customerId: null,
      lines: [{ ...PLACE, quantity: 1 }],
      ttlSeconds: 600,
      ttlSecondsMax: 600,
      metadata: {},
      key: { key: "k1", fingerprint: "f", accepts: ["f"] },
      replaces: null,
    })
  }),
)

function expectSound(world: World): void {
  const { level, allotted, shard, grants } = world
  const reserved = world.postgres.reservations
    .filter(({ state }) => state === "held")
    .flatMap(({ lines }) => lines)
    .reduce((sum, { quantity }) => sum + quantity, 0)
  expect(level.held).toBe(reserved + allotted.units)
  expect(level.held).toBeLessThanOrEqual(level.onHand)
  const known = new Set(world.postgres.reservations.map(({ id }) => id))
  for (const id of world.postgres.revoked.keys())
    expect(known, "kept or revoked, never both").not.toContain(id)
  const unpersisted = grants
    .filter(({ id }) => !known.has(id))
    .flatMap(({ lines }) => lines)
    .reduce((sum, { quantity }) => sum + quantity, 0)
  const untold = allotted.epoch === world.epoch ? allotted.allottedTotal - shard.allottedTotal : 0
  const unnoted = shard.returnedTotal - (allotted.epoch === world.epoch ? allotted.returnedTotal : 0)
  // Every unit of the shard is in Postgres' book as the shard's: free, granted, or on its way.
  expect(shard.free + unpersisted + untold + unnoted).toBe(
    allotted.epoch === world.epoch ? allotted.units : 0,
  )
}

describe("a line that loses and repeats", () => {
  test("no unit is ever in two places, and none in no place", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), (steps) => {
        const world = new World()
        for (const take of steps) {
          take(world)
          expectSound(world)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test("in the end everything granted is a reservation or revoked, and everything else is back", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), (steps) => {
        const world = new World()
        for (const take of steps) take(world)
        const left = world.grants.map(({ id }) => id)
        world.do({ kind: "persist", epoch: world.epoch, grants: world.grants })
        world.lose()
        const known = new Set([
          ...world.postgres.reservations.map(({ id }) => id),
          ...world.postgres.revoked.keys(),
        ])
        for (const id of left) expect(known).toContain(id)
        expect(world.allotted.units).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})

test("what was granted keeps the times that it was answered with", () => {
  const world = new World()
  world.do({ kind: "allot", ...PLACE, epoch: 1, allottedTotal: 3 })
  world.tell(3)
  world.grant(2, null)
  world.do({ kind: "persist", epoch: 1, grants: world.grants })
  const [{ createdAtMs } = { createdAtMs: 0 }] = world.grants
  expect(world.postgres.reservations).toMatchObject([
    { state: "held", createdAtMs, expiresAtMs: createdAtMs + 600_000 },
  ])
})

test("safety stock is never allotted", () => {
  const world = new World()
  expect(world.do({ kind: "allot", ...PLACE, epoch: 1, allottedTotal: 100 })).toEqual({
    outcome: "allotted",
    allottedTotal: 18,
  })
})

test("a late grant takes what is available, and is revoked when that is too little", () => {
  const world = new World()
  world.do({ kind: "allot", ...PLACE, epoch: 1, allottedTotal: 18 })
  world.tell(18)
  for (let count = 0; count < 6; count += 1) world.grant(3, null)
  const late = world.grants
  world.lose()
  world.do({ kind: "allot", ...PLACE, epoch: 2, allottedTotal: 10 })
  const outcome = world.do({ kind: "persist", epoch: 1, grants: late })
  // 18 were available, 10 are the shard's again: two of six fit.
  expect(outcome.revokedIds).toEqual(late.slice(2).map(({ id }) => id))
  expectSound(world)
})
