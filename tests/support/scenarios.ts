/** Random worlds and what is asked in them, for fast-check: small enough that everything collides with everything. */
import fc from "fast-check"
import { ADJUSTMENT_REASONS, type KeyClaim } from "../../src/core/commands.ts"
import type { Snapshot } from "../../src/core/decision/draft.ts"
import type { ReservationRecord, StockLevel } from "../../src/core/model.ts"
import type { State } from "../../src/core/states.ts"
import type { NaiveCommand, NaiveWorld, Unit } from "./naive-model.ts"

const SKUS = ["CUP", "MUG", "PAN"] as const
const LOCATIONS = ["JFK", "LAX", "SFO"] as const
/** Mostly the same one, so that reservations are replaced now and then. */
const CUSTOMERS = ["ann", "ann", "ann", "bob", null] as const
/** Known, but without any stock level. */
const BARE_SKU = "VASE"
const NOW_MS = 1_700_000_000_000

export interface Batch {
  /** How far the clock moved on since the batch before. */
  readonly advanceMs: number
  readonly commands: readonly NaiveCommand[]
}
export interface Scenario {
  readonly snapshot: Snapshot
  readonly priorities: ReadonlyMap<string, number>
  readonly batches: readonly Batch[]
}

const storedId = (index: number) => `00000000-0000-7000-8000-0000000000a${index}`
const askedId = (batch: number, index: number) => `00000000-0000-7000-8000-0000000b0${batch}0${index}`
const UNKNOWN_ID = "00000000-0000-7000-8000-00000000dead"
const STORED_MAX = 5
const BATCHES_MAX = 3
const BATCH_SIZE_MAX = 7

const sku = fc.oneof(
  { arbitrary: fc.constantFrom(...SKUS), weight: 20 },
  { arbitrary: fc.constantFrom(BARE_SKU, "UNKNOWN"), weight: 1 },
)
const location = fc.oneof(
  { arbitrary: fc.constantFrom(...LOCATIONS), weight: 20 },
  { arbitrary: fc.constant("NOWHERE"), weight: 1 },
)
const target = fc.oneof(
  { arbitrary: fc.nat(STORED_MAX - 1).map(storedId), weight: 16 },
  {
    arbitrary: fc
      .tuple(fc.nat(BATCHES_MAX - 1), fc.nat(BATCH_SIZE_MAX - 1))
      .map(([batch, index]) => askedId(batch, index)),
    weight: 6,
  },
  { arbitrary: fc.constant(UNKNOWN_ID), weight: 1 },
)
/** A key has two possible meanings; the second is accepted together with the first, as with a default spelled out. */
const claim: fc.Arbitrary<KeyClaim> = fc
  .tuple(fc.constantFrom("k1", "k2", "k3"), fc.constantFrom(["f1"], ["f2"], ["f1", "f2"]))
  .map(([key, accepts]) => ({ key, fingerprint: accepts[0] ?? "", accepts }))
/** Mostly null. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 3 }, { arbitrary, weight: 1 })
/** Null as often as not. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 })

const requestedLines = fc
  .uniqueArray(
    fc.record({ sku, quantity: fc.constantFrom(1, 1, 2, 2, 3, 5, 9), location: maybe(location) }),
    {
      minLength: 1,
      maxLength: 4,
      selector: (line) => `${line.sku} ${line.location ?? ""}`,
    },
  )
  .map((lines) =>
    [...lines].sort((a, b) => (`${a.sku} ${a.location ?? ""}` < `${b.sku} ${b.location ?? ""}` ? -1 : 1)),
  )

const ttlSeconds = fc.constantFrom(1, 5, 600)

/** Ids are put in by position later on. */
const NO_ID = ""
const command: fc.Arbitrary<NaiveCommand> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant("reserve" as const),
      id: fc.constant(NO_ID),
      customerId: fc.constantFrom(...CUSTOMERS),
      lines: requestedLines,
      ttlSeconds,
      ttlSecondsMax: fc.constant(600),
      metadata: fc.constantFrom({}, { cart: 7 }),
      key: seldom(claim),
      replaces: seldom(target),
    }),
    weight: 8,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("confirm" as const),
      id: target,
      reference: maybe(fc.constantFrom("order-1", "order-2")),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("release" as const),
      id: target,
      reason: maybe(fc.constant("changed my mind")),
    }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("extend" as const),
      id: target,
      ttlSeconds,
      lifetimeMaxSeconds: fc.constantFrom(60, 86_400),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant("expire" as const), id: target }), weight: 2 },
  {
    arbitrary: fc.record({
      kind: fc.constant("adjust" as const),
      id: fc.constant(NO_ID),
      sku,
      location,
      delta: fc.integer({ min: -6, max: 6 }).filter((delta) => delta !== 0),
      reason: fc.constantFrom(...ADJUSTMENT_REASONS),
      reference: maybe(fc.constant("delivery-1")),
      key: maybe(claim),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("set_safety_stock" as const),
      sku,
      location,
      safetyStock: fc.nat(4),
    }),
    weight: 2,
  },
)

const batch = (number: number): fc.Arbitrary<Batch> =>
  fc.record({
    advanceMs: fc.constantFrom(0, 0, 0, 1, 999, 1000, 5000),
    commands: fc
      .array(command, { minLength: 1, maxLength: BATCH_SIZE_MAX, size: "max" })
      .map((commands) =>
        commands.map((one, index) =>
          "id" in one && one.id === NO_ID ? { ...one, id: askedId(number, index) } : one,
        ),
      ),
  })

interface StoredShape {
  readonly state: State
  readonly customerId: string | null
  readonly untilDeadlineMs: number
  readonly ageMs: number
  readonly key: KeyClaim | null
  readonly units: readonly number[]
}
const stored: fc.Arbitrary<StoredShape> = fc.record({
  state: fc.constantFrom<State>(
    "held",
    "held",
    "held",
    "held",
    "held",
    "held",
    "confirmed",
    "released",
    "expired",
  ),
  customerId: fc.constantFrom(...CUSTOMERS),
  untilDeadlineMs: fc.constantFrom(-5000, -1, 0, 1, 1000, 60_000, 60_000, 60_000),
  ageMs: fc.constantFrom(1, 5000, 59_000),
  key: maybe(claim),
  /** Units by the index of the level; 0 is no line. */
  units: fc.array(fc.constantFrom(0, 1, 2, 3), { minLength: 1, maxLength: 6, size: "max" }),
})

const shelf = fc.record({
  free: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 9),
  heldByOthers: fc.constantFrom(0, 0, 0, 2),
  safetyStock: fc.constantFrom(0, 0, 1, 3),
  version: fc.integer({ min: 1, max: 50 }),
})

/** Without fast-check's bias towards small values: those worlds are empty, and nothing happens in them. */
export const scenario: fc.Arbitrary<Scenario> = fc.noBias(
  fc
    .record({
      priorities: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
      shelves: fc.array(fc.option(shelf, { nil: null, freq: 4 }), { minLength: 9, maxLength: 9 }),
      holds: fc.array(stored, { minLength: 3, maxLength: STORED_MAX, size: "max" }),
      batches: fc.tuple(...Array.from({ length: BATCHES_MAX }, (_, number) => batch(number))),
    })
    .map(({ priorities: drawn, shelves, holds, batches }) => {
      const priorities = new Map(LOCATIONS.map((code, index) => [code as string, drawn[index] ?? 0]))
      return { priorities, batches, snapshot: snapshotOf(priorities, { shelves, holds }) }
    }),
)

interface Drawn {
  readonly shelves: readonly ({
    free: number
    heldByOthers: number
    safetyStock: number
    version: number
  } | null)[]
  readonly holds: readonly StoredShape[]
}

function snapshotOf(priorities: ReadonlyMap<string, number>, { shelves, holds }: Drawn): Snapshot {
  const empty: StockLevel[] = SKUS.flatMap((sku, row) =>
    LOCATIONS.flatMap((location, column) => {
      const drawn = shelves[row * LOCATIONS.length + column]
      if (!drawn) return []
      const { free, heldByOthers, safetyStock, version } = drawn
      const id = 1 + row * LOCATIONS.length + column
      const priority = priorities.get(location) ?? 0
      return [
        {
          id,
          sku,
          location,
          priority,
          onHand: free + heldByOthers,
          held: heldByOthers,
          safetyStock,
          version,
        },
      ]
    }),
  )
  const reservations = holds.map((hold, index) => storedRecord(hold, index, empty)).filter(hasLines)
  const heldAt = (level: StockLevel) =>
    reservations
      .filter((record) => record.state === "held")
      .flatMap((record) => record.lines)
      .filter((line) => line.levelId === level.id)
      .reduce((sum, line) => sum + line.quantity, 0)
  const levels = empty.map((level) => ({
    ...level,
    onHand: level.onHand + heldAt(level),
    held: level.held + heldAt(level),
  }))
  return {
    nowMs: NOW_MS,
    levels,
    reservations: uniqueKeys(reservations),
    adjustments: [],
    allotments: [],
    revoked: new Map(),
    knownSkus: new Set([...SKUS, BARE_SKU]),
    knownLocations: priorities,
  }
}

function storedRecord(hold: StoredShape, index: number, levels: readonly StockLevel[]): ReservationRecord {
  const lines = levels.flatMap(({ id, sku, location }, at) => {
    const quantity = hold.units[at] ?? 0
    return quantity === 0 ? [] : [{ levelId: id, sku, location, quantity }]
  })
  const expiresAtMs = NOW_MS + hold.untilDeadlineMs
  const createdAtMs = Math.min(NOW_MS, expiresAtMs) - hold.ageMs
  return {
    id: storedId(index),
    state: hold.state,
    customerId: hold.customerId,
    lines,
    ttlSeconds: 60,
    createdAtMs,
    expiresAtMs,
    updatedAtMs: createdAtMs,
    reference: hold.state === "confirmed" ? "order-0" : null,
    metadata: {},
    idempotencyKey: hold.key?.key ?? null,
    fingerprint: hold.key?.fingerprint ?? null,
  }
}

const hasLines = (record: ReservationRecord) => record.lines.length > 0

/** A key has made at most one reservation. */
function uniqueKeys(records: readonly ReservationRecord[]): ReservationRecord[] {
  const seen = new Set<string>()
  return records.map((record) => {
    const { idempotencyKey } = record
    if (idempotencyKey === null || !seen.has(idempotencyKey)) {
      if (idempotencyKey !== null) seen.add(idempotencyKey)
      return record
    }
    return { ...record, idempotencyKey: null, fingerprint: null }
  })
}

/** The same world for the naive model: each unit by itself. */
export function naiveWorld({ snapshot, priorities }: Scenario): NaiveWorld {
  const units: Unit[] = snapshot.levels.flatMap(({ id, sku, location, onHand, held }) => {
    const holders = snapshot.reservations
      .filter((record) => record.state === "held")
      .flatMap((record) =>
        record.lines.filter((line) => line.levelId === id).map((line) => ({ record, line })),
      )
      .flatMap(({ record, line }) => Array<string | null>(line.quantity).fill(record.id))
    const others = Array<string | null>(held - holders.length).fill("somebody")
    const free = Array<string | null>(onHand - held).fill(null)
    return [...holders, ...others, ...free].map((holder) => ({ sku, location, holder }))
  })
  return {
    nowMs: snapshot.nowMs,
    units,
    shelves: snapshot.levels.map(({ sku, location, safetyStock, version }) => ({
      sku,
      location,
      safetyStock,
      version,
    })),
    skus: snapshot.knownSkus,
    locations: priorities,
    reservations: new Map(snapshot.reservations.map((record) => [record.id, record])),
    adjustments: [...snapshot.adjustments],
  }
}
