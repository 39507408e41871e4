import { isCode } from "../../core/limits.ts"
import type { Database } from "../database.ts"
import { read } from "../query.ts"
import { defineStatement } from "../statement.ts"

const knownLocations = defineStatement<[codes: string[]]>(
  "read_known_locations",
  "select code from earmark.locations where code = any($1::text[])",
)

/** Those of the locations that exist. */
export async function readKnownLocations(
  database: Database,
  codes: readonly string[],
): Promise<ReadonlySet<string>> {
  const possible = codes.filter(isCode)
  if (possible.length === 0) return new Set()
  const rows = await read(database, knownLocations(database.schema, possible))
  return new Set(rows.map((row) => String(row["code"])))
}
