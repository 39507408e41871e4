import { fromWireId } from "../../core/ids.ts"
import { type Reservation, viewReservation } from "../../core/model.ts"
import type { Page, ReservationFilter } from "../../engine/views.ts"
import type { Database } from "../database.ts"
import { read } from "../query.ts"
import { linesById, milliseconds, RESERVATION_COLUMNS, toReservation } from "../rows.ts"
import { arrayOf, defineStatement, inSchema } from "../statement.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "./cursor.ts"

type Row = Record<string, unknown>

const readOne = defineStatement<[id: string]>(
  "read_reservation",
  `select ${RESERVATION_COLUMNS}, ${milliseconds("clock_timestamp()")} as now_ms
   from earmark.reservations r
   where r.id = $1::uuid`,
)

const linesOf = defineStatement<[ids: string]>(
  "lines_of",
  `select l.reservation_id::text as reservation_id, l.stock_level_id, l.quantity, s.sku, s.location
   from earmark.reservation_lines l
   join earmark.stock_levels s on s.id = l.stock_level_id
   where l.reservation_id = any($1::uuid[])
   order by s.sku, s.location`,
)

/**
 * Newest first: ids rise with time. A hold past its deadline is listed as expired (promise L1). Not prepared: with the
 * values in sight the planner drops the conditions that are not asked for.
 */
const LIST = `
  with instant as materialized (select clock_timestamp() as at)
  select ${RESERVATION_COLUMNS}, ${milliseconds("(select at from instant)")} as now_ms
  from earmark.reservations r
  where ($1::uuid is null or r.id < $1)
    and ($2::text is null
      or ($2 = 'held' and r.state = 'held' and r.expires_at > (select at from instant))
      or ($2 = 'expired' and (r.state = 'expired' or (r.state = 'held' and r.expires_at <= (select at from instant))))
      or ($2 in ('confirmed', 'released') and r.state = $2))
    and ($3::text is null or r.customer_id = $3)
    and ($4::text is null or r.id in (
      select l.reservation_id
      from earmark.reservation_lines l
      where l.stock_level_id = any(array(select s.id from earmark.stock_levels s where s.sku = $4))))
  order by r.id desc
  limit $5`

export async function readReservation(database: Database, wireId: string): Promise<Reservation | null> {
  const id = fromWireId(wireId)
  if (id === null) return null
  const rows = await read(database, readOne(database.schema, id))
  return (await toViews(database, rows))[0] ?? null
}

export async function listReservations(database: Database, filter: ReservationFilter): Promise<Page<Reservation>> {
  const limit = limitOf(filter)
  const after = decodeCursor("reservations", filter.cursor, (key) => fromWireId(key) !== null)
  const { state = null, customerId = null, sku = null } = filter
  const values = [after === null ? null : fromWireId(after), state, customerId, sku, limit + 1]
  const rows = await read(database, { text: inSchema(database.schema, LIST), values })
  return pageOf(await toViews(database, rows), limit, (last) => encodeCursor("reservations", last.id))
}

async function toViews(database: Database, rows: readonly Row[]): Promise<Reservation[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => String(row["id"]))
  const lines = linesById(await read(database, linesOf(database.schema, arrayOf(ids))))
  return rows.map((row) =>
    viewReservation(toReservation(row, lines.get(String(row["id"])) ?? []), Number(row["now_ms"])),
  )
}

