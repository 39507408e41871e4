/** Items that Redis grants from memory. */
import { isCode } from "../../core/limits.ts"
import type { HotItemView, SetHotOutcome } from "../../engine/views.ts"
import type { Database } from "../database.ts"
import { read, write } from "../query.ts"
import { type Reader, readFrom } from "../reader.ts"
import { defineStatement } from "../statement.ts"

/** How long it has been hot counts from when it was cold. */
const upsertHot = defineStatement<[sku: string, target: number]>(
  "upsert_hot_item",
  `insert into earmark.hot_items as h (sku, target)
   select i.sku, $2::bigint from earmark.items i where i.sku = $1
   on conflict (sku) do update
   set target = excluded.target, changed_at = case when h.target = 0 then clock_timestamp() else h.changed_at end
   returning sku`,
)

const HOT_ITEMS = `
  select h.sku, h.target, s.location, coalesce(a.units, 0) as allotted
  from earmark.hot_items h
  left join lateral (select * from earmark.stock_levels where sku = h.sku offset 0) s on true
  left join lateral (select priority from earmark.locations where code = s.location limit 1) p on true
  left join lateral (select * from earmark.allotments where stock_level_id = s.id limit 1) a on true`
const ORDER = "order by h.sku, p.priority, s.location"

const readHotItems = defineStatement<[]>(
  "read_hot_items",
  `${HOT_ITEMS}
   where h.target > 0 or a.units > 0
   ${ORDER}`,
)
const readHotItem = defineStatement<[sku: string]>("read_hot_item", `${HOT_ITEMS} where h.sku = $1 ${ORDER}`)

export async function setHot(database: Database, sku: string, target: number): Promise<SetHotOutcome> {
  const { schema } = database
  const known = isCode(sku) && (await write(database, upsertHot(schema, sku, target))).length > 0
  if (!known) return { outcome: "item_not_found", sku }
  const [item = { sku, target, locations: [] }] = toViews(await read(database, readHotItem(schema, sku)))
  return { outcome: "changed", item }
}

export async function listHotItems(reader: Reader): Promise<readonly HotItemView[]> {
  return toViews(await readFrom(reader, readHotItems(reader.schema)))
}

function toViews(rows: readonly Record<string, unknown>[]): HotItemView[] {
  return [...Map.groupBy(rows, (row) => String(row["sku"]))].map(([sku, ofSku]) => ({
    sku,
    target: Number(ofSku[0]?.["target"]),
    locations: ofSku
      .filter((row) => row["location"] !== null)
      .map((row) => ({ location: String(row["location"]), allotted: Number(row["allotted"]) })),
  }))
}
