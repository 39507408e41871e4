import { fromWireId } from "../../core/ids.ts"
import { type Reservation, type ReservationRecord, viewReservation } from "../../core/model.ts"
import type { State } from "../../core/states.ts"
import type { Page, ReservationFilter } from "../../engine/views.ts"
import { readLevelNames, toLevelNames, toLines } from "../lines.ts"
import { type Reader, readFrom } from "../reader.ts"
import { milliseconds, RESERVATION_COLUMNS, toReservation } from "../rows.ts"
import { arrayOf, defineStatement } from "../statement.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "./cursor.ts"
import { Filter } from "./filter.ts"

type Row = Record<string, unknown>

const readOne = defineStatement<[id: string]>(
  "read_reservation",
  `select ${RESERVATION_COLUMNS}, ${milliseconds("clock_timestamp()")} as now_ms
   from earmark.reservations r
   where r.id = $1::uuid`,
)

const LIST = `
  select ${RESERVATION_COLUMNS}, ${milliseconds("statement_timestamp()")} as now_ms
  from earmark.reservations r`

/** A hold past its deadline is listed as expired (promise L1). */
const OF_STATE: Record<State, string> = {
  held: "r.state = 'held' and r.expires_at > statement_timestamp()",
  expired: "(r.state = 'expired' or r.state = 'held' and r.expires_at <= statement_timestamp())",
  confirmed: "r.state = 'confirmed'",
  released: "r.state = 'released'",
}

/** Of a sku that has seen few changes, its reservations are gathered from its journal. */
const OF_QUIET_LEVELS = `r.id = any(array(
      select j.reservation_id
      from earmark.journal j
      where j.stock_level_id = any(?::int[]) and j.kind = 'held'))`

/** Of a sku that has seen many, going back through all reservations soon meets enough of its own. */
const OF_BUSY_LEVELS = "r.stock_level_ids && ?::int[]"

/** Changes that are cheaper to gather than to look for: a few milliseconds' worth. */
const QUIET_CHANGES_MAX = 10_000

const levelsOfSku = defineStatement<[sku: string]>(
  "levels_of_sku",
  `select s.id, s.version from earmark.stock_levels s where s.sku = $1`,
)

export async function readReservation(reader: Reader, wireId: string): Promise<Reservation | null> {
  const id = fromWireId(wireId)
  if (id === null) return null
  const rows = await readFrom(reader, readOne(reader.schema, id))
  return (await toViews(reader, rows))[0] ?? null
}

/** @param id UUID */
export async function readReservationRecord(reader: Reader, id: string): Promise<ReservationRecord | null> {
  return (await toRecords(reader, await readFrom(reader, readOne(reader.schema, id))))[0] ?? null
}

/** Newest first: ids rise with time. */
export async function listReservations(
  reader: Reader,
  filter: ReservationFilter,
): Promise<Page<Reservation>> {
  const { state, customerId, sku } = filter
  const limit = limitOf(filter)
  const after = decodeCursor("reservations", filter.cursor, (key) => fromWireId(key) !== null)
  const conditions = new Filter()
    .whereGiven("r.id < ?::uuid", after === null ? null : fromWireId(after))
    .whereGiven("r.customer_id = ?", customerId)
  if (state !== undefined) conditions.where(OF_STATE[state])
  if (sku !== undefined) {
    const levels = await readFrom(reader, levelsOfSku(reader.schema, sku))
    const changes = levels.reduce((sum, level) => sum + Number(level["version"]), 0)
    const ids = arrayOf(levels.map((level) => Number(level["id"])))
    conditions.whereGiven(changes <= QUIET_CHANGES_MAX ? OF_QUIET_LEVELS : OF_BUSY_LEVELS, ids)
  }
  const statement = conditions.statement(reader.schema, LIST, { orderBy: "r.id desc", limit: limit + 1 })
  const rows = await readFrom(reader, statement)
  return pageOf(await toViews(reader, rows), limit, (last) => encodeCursor("reservations", last.id))
}

async function toViews(reader: Reader, rows: readonly Row[]): Promise<Reservation[]> {
  const records = await toRecords(reader, rows)
  return records.map((record, index) => viewReservation(record, Number(rows[index]?.["now_ms"])))
}

async function toRecords(reader: Reader, rows: readonly Row[]): Promise<ReservationRecord[]> {
  const missing = readLevelNames(reader.schema, rows)
  const names = toLevelNames(missing === null ? [] : await readFrom(reader, missing))
  return rows.map((row) => toReservation(row, toLines(row, names)))
}
