import { isCode } from "../../core/limits.ts"
import type { ItemFilter, ItemInput, ItemView, Page, PutItemOutcome } from "../../engine/views.ts"
import type { Database } from "../database.ts"
import { write } from "../query.ts"
import { primaryReader, type Reader, readFrom } from "../reader.ts"
import { fromMetadata, milliseconds, textOrNull, toMetadata } from "../rows.ts"
import { defineStatement } from "../statement.ts"
import { decodeCursor, encodeCursor, limitOf, pageOf } from "./cursor.ts"
import { Filter } from "./filter.ts"
import { type ItemLevels, readLevels, sumsOf } from "./levels.ts"

type Row = Record<string, unknown>

const COLUMNS = `
  i.sku, i.name, i.description, i.image_url, i.metadata::text as metadata, i.low_stock_threshold,
  ${milliseconds("i.created_at")} as created_at_ms, ${milliseconds("i.updated_at")} as updated_at_ms`

/** `xmax` is 0 on a row that this statement has inserted. */
const upsertItem = defineStatement<
  [
    sku: string,
    name: string,
    description: string | null,
    imageUrl: string | null,
    metadata: string | null,
    lowStockThreshold: number | null,
  ]
>(
  "upsert_item",
  `insert into earmark.items as i (sku, name, description, image_url, metadata, low_stock_threshold)
   values ($1, $2, $3, $4, $5::json, $6::bigint)
   on conflict (sku) do update
   set name = excluded.name, description = excluded.description, image_url = excluded.image_url,
     metadata = excluded.metadata, low_stock_threshold = excluded.low_stock_threshold, updated_at = now()
   returning ${COLUMNS}, i.xmax = 0 as made`,
)

const readItemRow = defineStatement<[sku: string]>(
  "read_item",
  `select ${COLUMNS} from earmark.items i where i.sku = $1`,
)

export async function putItem(database: Database, item: ItemInput): Promise<PutItemOutcome> {
  const { sku, name, description = null, imageUrl = null, metadata = {}, lowStockThreshold = null } = item
  const statement = upsertItem(
    database.schema,
    sku,
    name,
    description,
    imageUrl,
    fromMetadata(metadata),
    lowStockThreshold,
  )
  const [row] = await write(database, statement)
  if (!row) throw new Error("an upsert returned no row")
  const levels = await readLevels(primaryReader(database), [sku])
  return { outcome: row["made"] === true ? "made" : "changed", item: toItem(row, levels) }
}

export async function readItem(reader: Reader, sku: string): Promise<ItemView | null> {
  if (!isCode(sku)) return null
  const [row] = await readFrom(reader, readItemRow(reader.schema, sku))
  return row ? toItem(row, await readLevels(reader, [sku])) : null
}

export async function listItems(reader: Reader, filter: ItemFilter): Promise<Page<ItemView>> {
  const limit = limitOf(filter)
  const after = decodeCursor("items", filter.cursor, isCode)
  const statement = new Filter()
    .whereGiven("i.sku > ?", after)
    .whereGiven("(strpos(lower(i.sku), lower(?)) > 0 or strpos(lower(i.name), lower(?)) > 0)", filter.q)
    .statement(reader.schema, `select ${COLUMNS} from earmark.items i`, {
      orderBy: "i.sku",
      limit: limit + 1,
    })
  const rows = await readFrom(reader, statement)
  const levels = await readLevels(
    reader,
    rows.map((row) => String(row["sku"])),
  )
  return pageOf(
    rows.map((row) => toItem(row, levels)),
    limit,
    (last) => encodeCursor("items", last.sku),
  )
}

function toItem(row: Row, levels: ReadonlyMap<string, ItemLevels>): ItemView {
  const sku = String(row["sku"])
  const locations = levels.get(sku)?.locations ?? []
  return {
    sku,
    name: String(row["name"]),
    description: textOrNull(row["description"]),
    imageUrl: textOrNull(row["image_url"]),
    metadata: toMetadata(row["metadata"]),
    lowStockThreshold: row["low_stock_threshold"] === null ? null : Number(row["low_stock_threshold"]),
    ...sumsOf(locations),
    locations,
    createdAt: new Date(Number(row["created_at_ms"])),
    updatedAt: new Date(Number(row["updated_at_ms"])),
  }
}
