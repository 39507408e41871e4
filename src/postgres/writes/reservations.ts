import type { ReservationChange } from "../../core/decision/draft.ts"
import type { ReservationRecord } from "../../core/model.ts"
import type { Write } from "../guard.ts"
import { idValues } from "../id-range.ts"
import { fromMetadata, moment } from "../rows.ts"
import { arrayOf, defineStatement, nestedArrayOf, type Statement } from "../statement.ts"

/** A grant of Redis is older than its record; its age is 0 for all others. */
const CREATED_AT = moment("($1::bigint - r.age_ms)")

const insertReservations = defineStatement<
  [
    nowMs: number,
    ids: string,
    customers: (string | null)[],
    levels: string,
    quantities: string,
    ttls: string,
    metadata: (string | null)[],
    ages: string,
  ]
>(
  "insert_reservations",
  `insert into earmark.reservations
     (id, state, customer_id, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at, metadata)
   select r.id, 'held', r.customer_id, r.stock_level_ids::int[], r.quantities::int[], r.ttl_seconds,
     ${CREATED_AT}, ${CREATED_AT} + r.ttl_seconds * interval '1 second', ${CREATED_AT}, r.metadata
   from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::json[], $8::bigint[])
     as r(id, customer_id, stock_level_ids, quantities, ttl_seconds, metadata, age_ms)`,
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
    firstId: string,
    lastId: string,
  ]
>(
  "update_reservations",
  `update earmark.reservations r
   set state = c.state, expires_at = ${moment("c.expires_at_ms")}, updated_at = ${moment("$1::bigint")},
     reference = c.reference
   from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::boolean[])
     as c(id, state, expires_at_ms, reference, in_time)
   where r.id = c.id
     and r.id between $7::uuid and $8::uuid
     and r.state = 'held'
     and (not c.in_time or r.expires_at > clock_timestamp())`,
)

export function reservationInsert(
  schema: string,
  nowMs: number,
  { records, idOf }: { records: readonly ReservationRecord[]; idOf: (id: number) => number },
): Statement {
  return insertReservations(
    schema,
    nowMs,
    arrayOf(records.map((record) => record.id)),
    records.map((record) => record.customerId),
    arrayOf(records.map(({ lines }) => nestedArrayOf(lines.map(({ levelId }) => idOf(levelId))))),
    arrayOf(records.map(({ lines }) => nestedArrayOf(lines.map(({ quantity }) => quantity)))),
    arrayOf(records.map((record) => record.ttlSeconds)),
    records.map((record) => fromMetadata(record.metadata)),
    arrayOf(records.map((record) => nowMs - record.createdAtMs)),
  )
}

export function reservationUpdate(
  schema: string,
  nowMs: number,
  changes: readonly ReservationChange[],
): Write {
  // Between the decision and this statement the deadline may have come: then nobody confirms or extends any more.
  const inTime = changes.map(({ by }) => by === "confirm" || by === "extend")
  const [idArray, firstId, lastId] = idValues(changes.map(({ after }) => after.id))
  const statement = updateReservations(
    schema,
    nowMs,
    idArray,
    arrayOf(changes.map(({ after }) => after.state)),
    arrayOf(changes.map(({ after }) => after.expiresAtMs)),
    changes.map(({ after }) => after.reference),
    arrayOf(inTime.map(String)),
    firstId,
    lastId,
  )
  return { statement, rowCount: inTime.includes(true) ? changes.length : null }
}
