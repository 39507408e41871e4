/**
 * Writes what a decision changed. Stock moves by relative updates under the table's checks; where the strategy has not
 * locked the levels it says `compareVersions`, and a level that moved since it was read stops the transaction.
 */
import type { AdjustmentRecord, Changes, ReservationChange } from "../core/decision/draft.ts"
import type { ReservationRecord } from "../core/model.ts"
import type { JournalEntry, LevelChange } from "../core/stock-book.ts"
import { fromMetadata } from "./rows.ts"
import { arrayOf, defineStatement, type Statement } from "./statement.ts"

const moment = (ms: string) => `(timestamptz 'epoch' + ${ms} * interval '1 millisecond')`

const insertReservations = defineStatement<
  [
    nowMs: number,
    ids: string,
    customers: (string | null)[],
    ttls: string,
    more: (string | null)[],
    keys: (string | null)[],
    fingerprints: (string | null)[],
  ]
>(
  "insert_reservations",
  `insert into earmark.reservations
     (id, state, customer_id, ttl_seconds, created_at, expires_at, updated_at, metadata, idempotency_key, fingerprint)
   select r.id, 'held', r.customer_id, r.ttl_seconds, ${moment("$1::bigint")},
     ${moment("$1::bigint")} + r.ttl_seconds * interval '1 second', ${moment("$1::bigint")},
     r.metadata, r.idempotency_key, r.fingerprint
   from unnest($2::uuid[], $3::text[], $4::int[], $5::json[], $6::text[], $7::text[])
     as r(id, customer_id, ttl_seconds, metadata, idempotency_key, fingerprint)`,
)

const insertLines = defineStatement<[ids: string, levels: string, quantities: string, heldUntilMs: string]>(
  "insert_lines",
  `insert into earmark.reservation_lines (reservation_id, stock_level_id, quantity, held_until)
   select l.reservation_id, l.stock_level_id, l.quantity, ${moment("l.held_until_ms")}
   from unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[])
     as l(reservation_id, stock_level_id, quantity, held_until_ms)`,
)

/** The state is compared although the row is locked: a mistake here would undo a final state. */
const updateReservations = defineStatement<
  [
    nowMs: number,
    ids: string,
    states: string,
    expiresMs: string,
    references: (string | null)[],
    inTime: string,
  ]
>(
  "update_reservations",
  `update earmark.reservations r
   set state = c.state, expires_at = ${moment("c.expires_at_ms")}, updated_at = ${moment("$1::bigint")},
     reference = c.reference
   from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::boolean[])
     as c(id, state, expires_at_ms, reference, in_time)
   where r.id = c.id
     and r.state = 'held'
     and (not c.in_time or r.expires_at > clock_timestamp())`,
)

const updateLines = defineStatement<[ids: string, heldUntilMs: string]>(
  "update_lines",
  `update earmark.reservation_lines l
   set held_until = ${moment("c.held_until_ms")}
   from unnest($1::uuid[], $2::bigint[]) as c(id, held_until_ms)
   where l.reservation_id = c.id
     -- Says it twice: without statistics the planner would rather read all lines than look up each of c.
     and l.reservation_id = any($1::uuid[])`,
)

const updateLevels = defineStatement<
  [ids: string, onHandDeltas: string, heldDeltas: string, safetyStocks: string, versions: string]
>(
  "update_levels",
  `update earmark.stock_levels s
   set on_hand = s.on_hand + c.on_hand_delta, held = s.held + c.held_delta,
     safety_stock = coalesce(c.safety_stock, s.safety_stock), version = s.version + c.versions
   from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
     as c(id, on_hand_delta, held_delta, safety_stock, versions)
   where s.id = c.id`,
)

const insertAdjustments = defineStatement<
  [ids: string, levels: string, deltas: string, keys: (string | null)[], fingerprints: (string | null)[]]
>(
  "insert_adjustments",
  `insert into earmark.adjustments (id, stock_level_id, delta, idempotency_key, fingerprint)
   select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::text[])`,
)

const insertJournal = defineStatement<
  [
    nowMs: number,
    levels: string,
    versions: string,
    kinds: string,
    reservations: string,
    adjustments: string,
    onHandDeltas: string,
    heldDeltas: string,
    onHand: string,
    held: string,
    safetyStocks: string,
    reasons: (string | null)[],
    references: (string | null)[],
  ]
>(
  "insert_journal",
  `insert into earmark.journal
     (occurred_at, stock_level_id, version, kind, reservation_id, adjustment_id,
      on_hand_delta, held_delta, on_hand, held, safety_stock, reason, reference)
   select ${moment("$1::bigint")}, j.*
   from unnest($2::int[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[],
     $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[]) as j`,
)

const insertLevel = defineStatement<[sku: string, location: string]>(
  "insert_level",
  `insert into earmark.stock_levels (sku, location) values ($1, $2) returning id`,
)

/** How a strategy keeps two transactions from promising the same unit. */
export interface Guard {
  /** Lock the stock levels while reading them. */
  readonly lockLevels: boolean
  /** The writes of the stock levels; a row count other than the one given stops the transaction. */
  levelWrites(schema: string, levels: readonly LevelChange[], idOf: (id: number) => number): Write[]
}

/** A statement with the number of rows that it must touch for the decision to hold. */
export interface Write {
  readonly statement: Statement
  /** Null: whatever it touches is right, because the rows are locked. */
  readonly rowCount: number | null
}

/** Levels that were decided on before they existed: inserted first, so that the rest can name them. */
export function levelInserts(schema: string, changes: Changes): Statement[] {
  return changes.madeLevels.map(({ sku, location }) => insertLevel(schema, sku, location))
}

export interface WriteOptions {
  readonly schema: string
  readonly nowMs: number
  /** Ids of levels made in this transaction, by the negative id that stood for them. */
  readonly madeIds: ReadonlyMap<number, number>
  /** How the stock levels are written; the locked form is `lockLevels`. */
  readonly levelWrites: (
    schema: string,
    levels: readonly LevelChange[],
    idOf: (id: number) => number,
  ) => Write[]
}

/** In lock order: the reservations are locked already, then stock levels, then inserts. */
export function writesOf(changes: Changes, options: WriteOptions): Write[] {
  const { schema, nowMs, madeIds } = options
  const idOf = (id: number) => madeIds.get(id) ?? id
  const writes: Write[] = []
  const locked = (statement: Statement) => writes.push({ statement, rowCount: null })
  if (changes.levels.length > 0) writes.push(...options.levelWrites(schema, changes.levels, idOf))
  // After the levels, which a strategy that has not locked them may have to wait for: the deadline is looked at in the
  // last statement that can wait (promise S5). The reservations themselves have been locked since they were read.
  if (changes.reservations.length > 0) {
    writes.push(reservationUpdate(schema, nowMs, changes.reservations))
    const ids = changes.reservations.map(({ after }) => after.id)
    const untils = changes.reservations.map(({ after }) =>
      after.state === "held" ? after.expiresAtMs : null,
    )
    locked(updateLines(schema, arrayOf(ids), arrayOf(untils)))
  }
  if (changes.newReservations.length > 0) {
    locked(reservationInsert(schema, nowMs, changes.newReservations))
    locked(lineInsert(schema, changes.newReservations, idOf))
  }
  if (changes.newAdjustments.length > 0) locked(adjustmentInsert(schema, changes, idOf))
  if (changes.journal.length > 0) locked(journalInsert(schema, nowMs, { entries: changes.journal, idOf }))
  return writes
}

/** The guard of those that lock: nothing moves until the commit, so there is nothing to compare. */
export const lockLevels: Guard = { lockLevels: true, levelWrites: updateLockedLevels }

function updateLockedLevels(
  schema: string,
  levels: readonly LevelChange[],
  idOf: (id: number) => number,
): Write[] {
  const statement = updateLevels(
    schema,
    arrayOf(levels.map(({ before }) => idOf(before.id))),
    arrayOf(levels.map((level) => level.onHandDelta)),
    arrayOf(levels.map((level) => level.heldDelta)),
    arrayOf(levels.map((level) => level.safetyStock)),
    arrayOf(levels.map((level) => level.versions)),
  )
  return [{ statement, rowCount: null }]
}

function reservationInsert(schema: string, nowMs: number, records: readonly ReservationRecord[]): Statement {
  // Keys go in sorted order: two lanes with the same keys then wait for each other one way only.
  const sorted = [...records].sort(byKey)
  return insertReservations(
    schema,
    nowMs,
    arrayOf(sorted.map((record) => record.id)),
    sorted.map((record) => record.customerId),
    arrayOf(sorted.map((record) => record.ttlSeconds)),
    sorted.map((record) => fromMetadata(record.metadata)),
    sorted.map((record) => record.idempotencyKey),
    sorted.map((record) => record.fingerprint),
  )
}

function lineInsert(
  schema: string,
  records: readonly ReservationRecord[],
  idOf: (id: number) => number,
): Statement {
  const rows = records.flatMap((record) => record.lines.map((line) => ({ record, line })))
  return insertLines(
    schema,
    arrayOf(rows.map(({ record }) => record.id)),
    arrayOf(rows.map(({ line }) => idOf(line.levelId))),
    arrayOf(rows.map(({ line }) => line.quantity)),
    arrayOf(rows.map(({ record }) => record.expiresAtMs)),
  )
}

function reservationUpdate(schema: string, nowMs: number, changes: readonly ReservationChange[]): Write {
  // Between the decision and this statement the deadline may have come: then nobody confirms or extends any more.
  const inTime = changes.map(({ by }) => by === "confirm" || by === "extend")
  const statement = updateReservations(
    schema,
    nowMs,
    arrayOf(changes.map(({ after }) => after.id)),
    arrayOf(changes.map(({ after }) => after.state)),
    arrayOf(changes.map(({ after }) => after.expiresAtMs)),
    changes.map(({ after }) => after.reference),
    arrayOf(inTime.map(String)),
  )
  return { statement, rowCount: inTime.includes(true) ? changes.length : null }
}

function adjustmentInsert(schema: string, changes: Changes, idOf: (id: number) => number): Statement {
  const levelIds = new Map(changes.journal.map((entry) => [entry.adjustmentId, idOf(entry.levelId)] as const))
  const records: readonly AdjustmentRecord[] = [...changes.newAdjustments].sort(byKey)
  return insertAdjustments(
    schema,
    arrayOf(records.map((record) => record.id)),
    arrayOf(records.map((record) => levelIds.get(record.id) ?? null)),
    arrayOf(records.map((record) => record.delta)),
    records.map((record) => record.idempotencyKey),
    records.map((record) => record.fingerprint),
  )
}

function journalInsert(
  schema: string,
  nowMs: number,
  { entries, idOf }: { entries: readonly JournalEntry[]; idOf: (id: number) => number },
): Statement {
  return insertJournal(
    schema,
    nowMs,
    arrayOf(entries.map((entry) => idOf(entry.levelId))),
    arrayOf(entries.map((entry) => entry.version)),
    arrayOf(entries.map((entry) => entry.kind)),
    arrayOf(entries.map((entry) => entry.reservationId)),
    arrayOf(entries.map((entry) => entry.adjustmentId)),
    arrayOf(entries.map((entry) => entry.onHandDelta)),
    arrayOf(entries.map((entry) => entry.heldDelta)),
    arrayOf(entries.map((entry) => entry.onHand)),
    arrayOf(entries.map((entry) => entry.held)),
    arrayOf(entries.map((entry) => entry.safetyStock)),
    entries.map((entry) => entry.reason),
    entries.map((entry) => entry.reference),
  )
}

type Keyed = Pick<ReservationRecord, "idempotencyKey">

function byKey(a: Keyed, b: Keyed): number {
  if (a.idempotencyKey === b.idempotencyKey) return 0
  if (a.idempotencyKey === null) return 1
  if (b.idempotencyKey === null) return -1
  return a.idempotencyKey < b.idempotencyKey ? -1 : 1
}
