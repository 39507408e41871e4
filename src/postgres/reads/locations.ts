import { isCode } from "../../core/limits.ts"
import type {
  LocationInput,
  LocationView,
  Page,
  PageRequest,
  PutLocationOutcome,
} from "../../engine/views.ts"
import type { Database } from "../database.ts"
import { write } from "../query.ts"
import { type Reader, readFrom } from "../reader.ts"
import { fromMetadata, milliseconds, toMetadata } from "../rows.ts"
import { defineStatement } from "../statement.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "./cursor.ts"
import { Filter } from "./filter.ts"

type Row = Record<string, unknown>

const COLUMNS = `
  p.code, p.name, p.priority, p.metadata::text as metadata,
  ${milliseconds("p.created_at")} as created_at_ms, ${milliseconds("p.updated_at")} as updated_at_ms`

const upsertLocation = defineStatement<
  [code: string, name: string, priority: number, metadata: string | null]
>(
  "upsert_location",
  `insert into earmark.locations as p (code, name, priority, metadata)
   values ($1, $2, $3::int, $4::json)
   on conflict (code) do update
   set name = excluded.name, priority = excluded.priority, metadata = excluded.metadata, updated_at = now()
   returning ${COLUMNS}, p.xmax = 0 as made`,
)

export async function putLocation(database: Database, location: LocationInput): Promise<PutLocationOutcome> {
  const { code, name, priority = 0, metadata = {} } = location
  const statement = upsertLocation(database.schema, code, name, priority, fromMetadata(metadata))
  const [row] = await write(database, statement)
  if (!row) throw new Error("an upsert returned no row")
  return { outcome: row["made"] === true ? "made" : "changed", location: toLocation(row) }
}

export async function listLocations(reader: Reader, request: PageRequest): Promise<Page<LocationView>> {
  const limit = limitOf(request)
  const after = decodeCursor("locations", request.cursor, isCode)
  const statement = new Filter()
    .whereGiven("p.code > ?", after)
    .statement(reader.schema, `select ${COLUMNS} from earmark.locations p`, {
      orderBy: "p.code",
      limit: limit + 1,
    })
  const rows = await readFrom(reader, statement)
  return pageOf(rows.map(toLocation), limit, (last) => encodeCursor("locations", last.code))
}

function toLocation(row: Row): LocationView {
  return {
    code: String(row["code"]),
    name: String(row["name"]),
    priority: Number(row["priority"]),
    metadata: toMetadata(row["metadata"]),
    createdAt: new Date(Number(row["created_at_ms"])),
    updatedAt: new Date(Number(row["updated_at_ms"])),
  }
}
