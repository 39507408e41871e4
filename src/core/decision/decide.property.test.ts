/** The decision against the contract, over random worlds. A failure prints its seed and the smallest case it found. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { applyChanges } from "../../../tests/support/apply-changes.ts"
import { answer, look, type NaiveCommand, show } from "../../../tests/support/naive-model.ts"
import { naiveWorld, type Scenario, scenario } from "../../../tests/support/scenarios.ts"
import type { Command, Outcome, OutcomeByKind } from "../commands.ts"
import type { ReservationRecord, StockLevel } from "../model.ts"
import { decide } from "./decide.ts"
import type { Decision, Snapshot } from "./draft.ts"

const NUM_RUNS = 2000

interface Step {
  readonly before: Snapshot
  readonly commands: readonly NaiveCommand[]
  readonly decision: Decision
  readonly after: Snapshot
}

/** Decides batch after batch, each over what the one before has written. */
function play({ snapshot, priorities, batches }: Scenario): Step[] {
  const steps: Step[] = []
  let before = snapshot
  for (const { advanceMs, commands } of batches) {
    before = { ...before, nowMs: before.nowMs + advanceMs }
    const decision = decide(before, commands)
    const after = applyChanges(before, decision.changes, (code) => priorities.get(code) ?? 0)
    steps.push({ before, commands, decision, after })
    before = after
  }
  return steps
}

function check(property: (played: readonly Step[], given: Scenario) => void): void {
  fc.assert(
    fc.property(scenario, (given) => property(play(given), given)),
    { numRuns: NUM_RUNS },
  )
}

/** Level ids and the order of rows are of no interest: a level is named by its sku and location. */
function contents({ levels, reservations, adjustments }: Snapshot) {
  const place = ({ sku, location }: { sku: string; location: string }) => `${sku} ${location}`
  return {
    levels: new Map(levels.map(({ id: _, ...level }) => [place(level), level])),
    reservations: new Map(
      reservations.map((record) => [
        record.id,
        { ...record, lines: new Map(record.lines.map((line) => [place(line), line.quantity])) },
      ]),
    ),
    adjustments: new Set(adjustments),
  }
}

describe("against the naive model", () => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)

  test("every answer is the model's, and so is what is left behind", () => {
    check((played, given) => {
      const world = naiveWorld(given)
      for (const { commands, decision, after } of played) {
        world.nowMs = after.nowMs
        const expected = commands.map((command) => answer(world, command))
        expect(decision.outcomes.map((outcome, index) => asDeclared(outcome, commands[index]))).toEqual(
          expected,
        )
        commands.forEach((command, index) => {
          count(`${command.kind}: ${expected[index]?.outcome}`)
        })
        for (const { lines } of decision.changes.newReservations) {
          if (new Set(lines.map((line) => line.sku)).size < lines.length) count(SPLIT)
        }
        for (const { kind, reason } of decision.changes.journal) {
          if (kind === "released" && reason === "replaced") count(REPLACED)
        }
        for (const _ of decision.changes.madeLevels) count(MADE)
        for (const level of after.levels) {
          const { available: _, ...seenByModel } = look(world, level)
          expect(level).toMatchObject(seenByModel)
        }
        expect(after.levels).toHaveLength(world.shelves.length)
        for (const record of after.reservations) {
          const { lines: _, ...stored } = record
          expect(world.reservations.get(record.id)).toMatchObject(stored)
          expect(show(world, record)).toEqual(show(world, world.reservations.get(record.id) ?? record))
        }
        expect(after.reservations).toHaveLength(world.reservations.size)
      }
    })
  })

  test("and every kind of answer was among them", () => {
    const answers = Object.entries(EVERY_OUTCOME).flatMap(([kind, outcomes]) =>
      Object.keys(outcomes).map((outcome) => `${kind}: ${outcome}`),
    )
    expect([...seen.keys()].sort()).toEqual([...answers, SPLIT, REPLACED, MADE].sort())
    expect(Math.min(...seen.values()), JSON.stringify([...seen])).toBeGreaterThanOrEqual(SEEN_MIN)
  })
})

const SPLIT = "a sku served from several locations"
const REPLACED = "a line given back for what replaced it"
const MADE = "a level made"
/** Once might be luck. */
const SEEN_MIN = 5

/** Every outcome of every command that small worlds can have; a new outcome does not compile until it is added. */
const EVERY_OUTCOME: {
  [K in NaiveCommand["kind"]]: Record<
    Exclude<OutcomeByKind[K]["outcome"], "invalid_request" | "reservation_revoked">,
    true
  >
} = {
  reserve: {
    reserved: true,
    replayed: true,
    insufficient_stock: true,
    item_not_found: true,
    location_not_found: true,
    idempotency_key_reused: true,
    reservation_not_found: true,
    reservation_confirmed: true,
  },
  confirm: {
    confirmed: true,
    reservation_released: true,
    reservation_expired: true,
    reservation_not_found: true,
  },
  release: { released: true, expired: true, reservation_confirmed: true, reservation_not_found: true },
  extend: {
    extended: true,
    lifetime_exceeded: true,
    reservation_confirmed: true,
    reservation_released: true,
    reservation_expired: true,
    reservation_not_found: true,
  },
  expire: { expired: true, unchanged: true },
  adjust: {
    adjusted: true,
    replayed: true,
    stock_below_held: true,
    item_not_found: true,
    location_not_found: true,
    idempotency_key_reused: true,
  },
  set_safety_stock: { changed: true, item_not_found: true, location_not_found: true },
}

test("a batch is the same as its commands one at a time: an earlier one is never forgotten, nor a later one served first", () => {
  check((played, { priorities }) => {
    for (const { before, commands, decision, after } of played) {
      let world = before
      const outcomes: Outcome[] = []
      for (const command of commands) {
        const alone = decide(world, [command])
        outcomes.push(...alone.outcomes)
        world = applyChanges(world, alone.changes, (code) => priorities.get(code) ?? 0)
      }
      expect(decision.outcomes).toEqual(outcomes)
      expect(contents(after)).toEqual(contents(world))
    }
  })
})

test("what is allocated is what was asked, line by line", () => {
  check((played) => {
    for (const { commands, decision } of played) {
      commands.forEach((command, index) => {
        const made = decision.outcomes[index]
        if (command.kind !== "reserve" || made?.outcome !== "reserved" || !("reservation" in made)) return
        const { lines } = made.reservation
        for (const sku of new Set(command.lines.map((line) => line.sku))) {
          const asked = command.lines.filter((line) => line.sku === sku)
          const given = lines.filter((line) => line.sku === sku)
          expect(sum(given.map((line) => line.quantity))).toBe(sum(asked.map((line) => line.quantity)))
          for (const { location, quantity } of asked) {
            if (location === null) continue
            const there = given.find((line) => line.location === location)
            expect(there?.quantity).toBeGreaterThanOrEqual(quantity)
          }
        }
        expect(new Set(lines.map((line) => line.sku))).toEqual(new Set(command.lines.map((line) => line.sku)))
        expect(lines.every((line) => line.quantity > 0)).toBe(true)
      })
    }
  })
})

test("nothing falls below zero, and held is what the holds add up to and never more than is on hand", () => {
  check((played, { snapshot }) => {
    const unnamed = new Map(snapshot.levels.map((level) => [level.id, level.held - heldBy(snapshot, level)]))
    for (const { after } of played) {
      for (const level of after.levels) {
        expect(level.held).toBe(heldBy(after, level) + (unnamed.get(level.id) ?? 0))
        expect(level.held).toBeGreaterThanOrEqual(0)
        expect(level.onHand).toBeGreaterThanOrEqual(level.held)
      }
    }
  })
})

test("the journal has no gap, its balances follow from its deltas, and a level's change is where it ends", () => {
  check((played) => {
    for (const { before, decision } of played) {
      const { journal, levels, madeLevels } = decision.changes
      const given = [...before.levels, ...madeLevels]
      expect(new Set(journal.map((row) => row.levelId))).toEqual(
        new Set(levels.map((change) => change.before.id)),
      )
      expect(new Set(madeLevels.map((made) => made.id))).toEqual(
        new Set(levels.map((change) => change.before.id).filter((id) => id < 0)),
      )
      for (const { before: level, ...change } of levels) {
        expect(given).toContainEqual(level)
        const rows = journal.filter((row) => row.levelId === level.id)
        let { version, onHand, held } = level
        for (const row of rows) {
          version += 1
          onHand += row.onHandDelta
          held += row.heldDelta
          expect(row).toMatchObject({ version, onHand, held, atMs: before.nowMs })
        }
        const last = rows.at(-1)
        expect(change).toMatchObject({
          versions: rows.length,
          onHandDelta: (last?.onHand ?? 0) - level.onHand,
          heldDelta: (last?.held ?? 0) - level.held,
          safetyStock: last?.safetyStock === level.safetyStock ? null : last?.safetyStock,
        })
      }
    }
  })
})

test("every transition has one journal row a line, and no such row lacks its transition", () => {
  check((played) => {
    for (const { decision } of played) {
      const { journal, reservations, newReservations } = decision.changes
      const begun = newReservations.flatMap((record) => rowsOf("held", record))
      const ended = [...newReservations, ...reservations.map(({ after }) => after)]
        .filter((record) => record.state !== "held")
        .flatMap((record) => rowsOf(record.state, record))
      const written = journal
        .filter((row) => row.reservationId !== null && row.kind !== "extended")
        .map((row) => `${row.reservationId} ${row.kind} ${row.levelId} ${Math.abs(row.heldDelta)}`)
      expect(written.sort()).toEqual([...begun, ...ended].sort())
    }
  })
})

test("the same question has the same answer, and asking leaves no trace", () => {
  check((played) => {
    for (const { before, commands, decision } of played) {
      const copy = structuredClone({ before, commands })
      expect(decide(before, commands)).toEqual(decision)
      expect({ before, commands }).toEqual(copy)
      expect(decide(copy.before, copy.commands)).toEqual(decision)
    }
  })
})

test("levels on which something fell short are named, so that overdue holds there can be taken back", () => {
  check((played) => {
    for (const { before, decision } of played) {
      const short = decision.outcomes.flatMap((outcome): readonly { sku: string; location?: string }[] => {
        if (outcome.outcome === "stock_below_held") return [outcome.level]
        return outcome.outcome === "insufficient_stock" ? outcome.shortages : []
      })
      for (const { sku, location } of short) {
        const levels = before.levels.filter(
          (level) => level.sku === sku && level.location === (location ?? level.location),
        )
        for (const level of levels) expect(decision.unsettledLevelIds).toContain(level.id)
      }
    }
  })
})

/** The answer to `expire` may carry its reservation, which nobody is promised. */
function asDeclared(outcome: Outcome, command: Command | undefined): Outcome {
  return command?.kind === "expire" ? ({ outcome: outcome.outcome } as Outcome) : outcome
}

function rowsOf(kind: string, { id, lines }: ReservationRecord): string[] {
  return lines.map((line) => `${id} ${kind} ${line.levelId} ${line.quantity}`)
}

function heldBy({ reservations }: Snapshot, level: StockLevel): number {
  return sum(
    reservations
      .filter((record) => record.state === "held")
      .flatMap((record) => record.lines.filter((line) => line.levelId === level.id))
      .map((line) => line.quantity),
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
