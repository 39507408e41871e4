/**
 * Stock levels as they read: units whose deadline has passed count as free, recorded or not (promise L1), and so do those
 * that Redis may grant. (Those that it has granted read as free too, until they are persisted a moment later.)
 */
import { viewStockLevel } from "../../core/model.ts"
import type { Availability, LocationLevel } from "../../engine/views.ts"
import { type Reader, readFrom } from "../reader.ts"
import { toStockLevel } from "../rows.ts"
import { defineStatement } from "../statement.ts"

const levelsOfSkus = defineStatement<[skus: string[]]>(
  "levels_of_skus",
  `with instant as materialized (select clock_timestamp() as at)
   select i.sku as item, s.id, s.sku, s.location, s.priority, s.on_hand, s.held, s.safety_stock, s.version,
     (select coalesce(sum(h.quantity), 0)
      from earmark.holds h
      where h.stock_level_id = s.id and h.expires_at <= instant.at)
     + coalesce((select a.units from earmark.allotments a where a.stock_level_id = s.id), 0) as for_sale
   from instant
   cross join earmark.items i
   left join lateral (
     select l.*, p.priority
     from earmark.stock_levels l
     join earmark.locations p on p.code = l.location
     where l.sku = i.sku
     offset 0
   ) s on true
   where i.sku = any($1::text[])
   order by i.sku, s.priority, s.location`,
)

export interface ItemLevels {
  readonly locations: readonly LocationLevel[]
}

/** The levels of each item that exists, the location that is asked first in front. */
export async function readLevels(reader: Reader, skus: readonly string[]): Promise<Map<string, ItemLevels>> {
  const bySku = new Map<string, { locations: LocationLevel[] }>()
  for (const row of await readFrom(reader, levelsOfSkus(reader.schema, [...skus]))) {
    const item = String(row["item"])
    const levels = bySku.get(item) ?? { locations: [] }
    bySku.set(item, levels)
    if (row["id"] === null) continue
    const { sku: _, ...level } = viewStockLevel(toStockLevel(row), Number(row["for_sale"]))
    levels.locations.push(level)
  }
  return bySku
}

export async function readAvailability(
  reader: Reader,
  sku: string,
): Promise<Omit<Availability, "asOf"> | null> {
  const levels = (await readLevels(reader, [sku])).get(sku)
  return levels ? { sku, ...sumsOf(levels.locations), ...levels } : null
}

export function sumsOf(locations: readonly LocationLevel[]): {
  available: number
  onHand: number
  held: number
} {
  const sum = (member: "available" | "onHand" | "held") =>
    locations.reduce((total, level) => total + level[member], 0)
  return { available: sum("available"), onHand: sum("onHand"), held: sum("held") }
}
