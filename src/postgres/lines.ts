import type { Line } from "../core/model.ts"
import { levelOf } from "./rows.ts"
import { defineStatement } from "./statement.ts"

type Row = Record<string, unknown>

/** The lines of reservations, by sku and location: the order in which everybody shows them. */
export const readLines = defineStatement<[ids: string]>(
  "read_lines",
  `select l.reservation_id::text as reservation_id, l.stock_level_id, l.quantity, s.sku, s.location
   from earmark.reservation_lines l
   ${levelOf("l.stock_level_id")}
   where l.reservation_id = any($1::uuid[])
   order by s.sku, s.location`,
)

/** Lines by the id of their reservation, in the order of the rows. */
export function linesById(rows: readonly Row[]): Map<string, Line[]> {
  const lines = new Map<string, Line[]>()
  for (const row of rows) {
    const id = String(row["reservation_id"])
    const line = {
      levelId: Number(row["stock_level_id"]),
      sku: String(row["sku"]),
      location: String(row["location"]),
      quantity: Number(row["quantity"]),
    }
    const earlier = lines.get(id)
    if (earlier) earlier.push(line)
    else lines.set(id, [line])
  }
  return lines
}
