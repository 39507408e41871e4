/**
 * Rows to records. Every value is converted here and nothing is left to a driver's type parsers: inside a caller's
 * transaction they are the caller's. Times are read as milliseconds, 64-bit numbers arrive as text.
 */
import type { Line, Metadata, ReservationRecord, StockLevel } from "../core/model.ts"
import type { State } from "../core/states.ts"

type Row = Record<string, unknown>

/**
 * A moment as whole milliseconds since 1970. As a double, which costs a quarter of the time of `extract` and its numeric: it is
 * off by less than half a microsecond, and a moment is whole microseconds.
 */
export const milliseconds = (expression: string) =>
  `floor(date_part('epoch', ${expression}) * 1000 + 0.0005)::bigint`

/** The other way round: an expression of whole milliseconds as a moment. */
export const moment = (ms: string) => `(timestamptz 'epoch' + ${ms} * interval '1 millisecond')`

/** The columns of a reservation, for `select`; `r` is its alias. */
export const RESERVATION_COLUMNS = `
  r.id::text as id, r.state, r.customer_id, r.ttl_seconds,
  ${milliseconds("r.created_at")} as created_at_ms,
  ${milliseconds("r.expires_at")} as expires_at_ms,
  ${milliseconds("r.updated_at")} as updated_at_ms,
  r.reference, r.metadata::text as metadata,
  r.stock_level_ids::text as stock_level_ids, r.quantities::text as quantities`

/**
 * Joins the level with that id as `s`, one look into the index for each row: a plain join reads all levels where the
 * planner has no statistics, such as in a catalogue that was filled a minute ago.
 */
export const levelOf = (id: string) =>
  `cross join lateral (select * from earmark.stock_levels where id = ${id} limit 1) s`

/** @param claim the key that it came with, where that has been read */
export function toReservation(
  row: Row,
  lines: readonly Line[],
  claim: Claim = { idempotencyKey: null, fingerprint: null },
): ReservationRecord {
  return {
    id: String(row["id"]),
    state: row["state"] as State,
    customerId: textOrNull(row["customer_id"]),
    lines,
    ttlSeconds: Number(row["ttl_seconds"]),
    createdAtMs: Number(row["created_at_ms"]),
    expiresAtMs: Number(row["expires_at_ms"]),
    updatedAtMs: Number(row["updated_at_ms"]),
    reference: textOrNull(row["reference"]),
    metadata: toMetadata(row["metadata"]),
    ...claim,
  }
}

export type Claim = Pick<ReservationRecord, "idempotencyKey" | "fingerprint">

export function toStockLevel(row: Row): StockLevel {
  return {
    id: Number(row["id"]),
    sku: String(row["sku"]),
    location: String(row["location"]),
    priority: Number(row["priority"]),
    onHand: Number(row["on_hand"]),
    held: Number(row["held"]),
    safetyStock: Number(row["safety_stock"]),
    version: Number(row["version"]),
  }
}

export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}

/** Metadata is stored as null when there is none. */
export function toMetadata(value: unknown): Metadata {
  return value === null || value === undefined ? {} : (JSON.parse(String(value)) as Metadata)
}

export function fromMetadata(metadata: Metadata): string | null {
  for (const _ in metadata) return JSON.stringify(metadata)
  return null
}
