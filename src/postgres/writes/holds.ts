import type { ReservationChange } from "../../core/decision/draft.ts"
import type { Line, ReservationRecord } from "../../core/model.ts"
import { moment } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

const insertHolds = defineStatement<[levels: string, expiresMs: string, ids: string, quantities: string]>(
  "insert_holds",
  `insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
   select h.stock_level_id, ${moment("h.expires_at_ms")}, h.reservation_id, h.quantity
   from unnest($1::int[], $2::bigint[], $3::uuid[], $4::int[])
     as h(stock_level_id, expires_at_ms, reservation_id, quantity)`,
)

const extendHolds = defineStatement<[levels: string, beforeMs: string, ids: string, afterMs: string]>(
  "extend_holds",
  `update earmark.holds h
   set expires_at = ${moment("c.after_ms")}
   from unnest($1::int[], $2::bigint[], $3::uuid[], $4::bigint[])
     as c(stock_level_id, before_ms, reservation_id, after_ms)
   where h.stock_level_id = c.stock_level_id
     and h.expires_at = ${moment("c.before_ms")}
     and h.reservation_id = c.reservation_id`,
)

const deleteHolds = defineStatement<[levels: string, expiresMs: string, ids: string]>(
  "delete_holds",
  `delete from earmark.holds h
   using unnest($1::int[], $2::bigint[], $3::uuid[]) as c(stock_level_id, expires_at_ms, reservation_id)
   where h.stock_level_id = c.stock_level_id
     and h.expires_at = ${moment("c.expires_at_ms")}
     and h.reservation_id = c.reservation_id`,
)

export function holdInsert(
  schema: string,
  records: readonly ReservationRecord[],
  idOf: (id: number) => number,
): Statement {
  const rows = linesOf(records)
  return insertHolds(
    schema,
    arrayOf(rows.map(({ line }) => idOf(line.levelId))),
    arrayOf(rows.map(({ record }) => record.expiresAtMs)),
    arrayOf(rows.map(({ record }) => record.id)),
    arrayOf(rows.map(({ line }) => line.quantity)),
  )
}

/** Holds go with the state, or follow the deadline. */
export function holdChanges(schema: string, changes: readonly ReservationChange[]): Statement[] {
  const statements: Statement[] = []
  const ended = linesOf(changes.flatMap(({ before, after }) => (after.state === "held" ? [] : [before])))
  if (ended.length > 0) {
    const levels = arrayOf(ended.map(({ line }) => line.levelId))
    const expiresMs = arrayOf(ended.map(({ record }) => record.expiresAtMs))
    statements.push(deleteHolds(schema, levels, expiresMs, arrayOf(ended.map(({ record }) => record.id))))
  }
  const extended = changes.flatMap(({ before, after }) =>
    after.state === "held" ? before.lines.map((line) => ({ line, before, after })) : [],
  )
  if (extended.length > 0) {
    statements.push(
      extendHolds(
        schema,
        arrayOf(extended.map(({ line }) => line.levelId)),
        arrayOf(extended.map(({ before }) => before.expiresAtMs)),
        arrayOf(extended.map(({ before }) => before.id)),
        arrayOf(extended.map(({ after }) => after.expiresAtMs)),
      ),
    )
  }
  return statements
}

function linesOf(
  records: readonly ReservationRecord[],
): readonly { readonly record: ReservationRecord; readonly line: Line }[] {
  return records.flatMap((record) => record.lines.map((line) => ({ record, line })))
}
