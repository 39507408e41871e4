import type { AdjustmentRecord, Changes } from "../../core/decision/draft.ts"
import type { ReservationRecord } from "../../core/model.ts"
import type { JournalEntry } from "../../core/stock-book.ts"
import { OPEN_PERIOD } from "../periods/open-period.ts"
import { moment } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

const insertAdjustments = defineStatement<
  [
    ids: string,
    levels: string,
    versions: string,
    deltas: string,
    keys: (string | null)[],
    fingerprints: string,
  ]
>(
  "insert_adjustments",
  `insert into earmark.adjustments (id, stock_level_id, version, delta, idempotency_key, fingerprint)
   select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::uuid[])`,
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
    allotted: string,
    expiresAtMs: string,
    origins: (string | null)[],
  ]
>(
  "insert_journal",
  `insert into earmark.journal
     (occurred_at, stock_level_id, version, kind, reservation_id, adjustment_id,
      on_hand_delta, held_delta, on_hand, held, safety_stock, reason, reference, allotted, expires_at, origin, period)
   select ${moment("$1::bigint")}, j.level, j.version, j.kind, j.reservation, j.adjustment, j.on_hand_delta, j.held_delta,
     j.on_hand, j.held, j.safety_stock, j.reason, j.reference, j.allotted, ${moment("j.expires_at_ms")}, j.origin,
     ${OPEN_PERIOD}
   from unnest($2::int[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[],
     $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::json[])
     as j(level, version, kind, reservation, adjustment, on_hand_delta, held_delta, on_hand, held, safety_stock, reason,
       reference, allotted, expires_at_ms, origin)`,
)

export function adjustmentInsert(schema: string, changes: Changes, idOf: (id: number) => number): Statement {
  const entries = new Map(changes.journal.map((entry) => [entry.adjustmentId, entry] as const))
  const records: readonly AdjustmentRecord[] = [...changes.newAdjustments].sort(byKey)
  return insertAdjustments(
    schema,
    arrayOf(records.map((record) => record.id)),
    arrayOf(records.map((record) => idOf(entries.get(record.id)?.levelId ?? 0))),
    arrayOf(records.map((record) => entries.get(record.id)?.version ?? null)),
    arrayOf(records.map((record) => record.delta)),
    records.map((record) => record.idempotencyKey),
    arrayOf(records.map((record) => record.fingerprint)),
  )
}

export function journalInsert(
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
    arrayOf(present(entries, (entry) => entry.allotted)),
    arrayOf(present(entries, (entry) => entry.expiresAtMs)),
    present(entries, (entry) => entry.origin && JSON.stringify(entry.origin)),
  )
}

/** None where none has one: an array that is shorter than the others counts as filled up with nulls. */
function present<T>(entries: readonly JournalEntry[], pick: (entry: JournalEntry) => T | null): (T | null)[] {
  const values = entries.map(pick)
  return values.every((value) => value === null) ? [] : values
}

type Keyed = Pick<ReservationRecord, "idempotencyKey">

function byKey(a: Keyed, b: Keyed): number {
  if (a.idempotencyKey === b.idempotencyKey) return 0
  if (a.idempotencyKey === null) return 1
  if (b.idempotencyKey === null) return -1
  return a.idempotencyKey < b.idempotencyKey ? -1 : 1
}
