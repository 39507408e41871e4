/** The stock levels whose journals are told. */
import { isCode } from "../../../core/limits.ts"
import type { Database } from "../../database.ts"
import { read } from "../../query.ts"
import { defineStatement } from "../../statement.ts"
import { readKnownLocations } from "../known-locations.ts"

const readJournalLevels = defineStatement<[sku: string]>(
  "read_journal_levels",
  `select s.id, s.location, s.version
   from earmark.items i
   left join lateral (select * from earmark.stock_levels where sku = i.sku offset 0) s on true
   where i.sku = $1`,
)

export interface JournalLevel {
  readonly id: number
  readonly location: string
  readonly version: number
}

/** Null: there is no such item. */
export async function journalLevelsOf(database: Database, sku: string): Promise<JournalLevel[] | null> {
  if (!isCode(sku)) return null
  const rows = await read(database, readJournalLevels(database.schema, sku))
  if (rows.length === 0) return null
  return rows
    .filter((row) => row["id"] !== null)
    .map((row) => ({
      id: Number(row["id"]),
      location: String(row["location"]),
      version: Number(row["version"]),
    }))
}

export async function isKnownLocation(
  database: Database,
  code: string,
  levels: readonly JournalLevel[],
): Promise<boolean> {
  if (levels.some(({ location }) => location === code)) return true
  return (await readKnownLocations(database, [code])).has(code)
}
