/** The stock levels that a batch touches, read or locked in the order that everybody keeps: by sku and location. */
import { type IdValues, idValues } from "./id-range.ts"
import { defineStatement, type Statement } from "./statement.ts"

export interface TouchedLevels {
  /** Skus that may be served from any location. */
  readonly anywhereSkus: string[]
  /** Levels named outright: skus and, in the same order, locations. */
  readonly skus: string[]
  readonly locations: string[]
  /** UUIDs of reservations: the levels of those that are held. */
  readonly reservationIds: readonly string[]
}

/** A location's priority is looked up only where some sku may be served from any of them. */
const LEVEL_COLUMNS = `
     s.id, s.sku, s.location, s.on_hand, s.held, s.safety_stock, s.version,
     case when cardinality($1::text[]) = 0 then 0
       else (select p.priority from earmark.locations p where p.code = s.location) end as priority`

/** The ids are gathered first, by index, whatever the statistics say. */
const LEVELS = `
   select ${LEVEL_COLUMNS}
   from earmark.stock_levels s
   where s.id = any(array(
     select a.id from earmark.stock_levels a where a.sku = any($1::text[])
     union all
     select (select e.id from earmark.stock_levels e where e.sku = n.sku and e.location = n.location)
     from unnest($2::text[], $3::text[]) as n(sku, location)
     union all
     select unnest(r.stock_level_ids)
     from earmark.reservations r
     where r.id = any($4::uuid[]) and r.id between $5::uuid and $6::uuid and r.state = 'held'
   ))
   order by s.sku, s.location`
type LevelValues = [anywhereSkus: string[], skus: string[], locations: string[], ...reservations: IdValues]
const readLevels = defineStatement<LevelValues>("read_levels", LEVELS)
const lockLevels = defineStatement<LevelValues>("lock_levels", `${LEVELS} for update of s`)

/** The same for a batch that names no hold, walking the index once: it is the one that there is most of. */
const LEVELS_BY_SKU = `
   select ${LEVEL_COLUMNS}
   from earmark.stock_levels s
   where s.sku = any($1::text[] || $2::text[])
     and (
       s.sku = any($1::text[])
       or (s.sku, s.location) in (select n.sku, n.location from unnest($2::text[], $3::text[]) as n(sku, location))
     )
   order by s.sku, s.location`
type SkuValues = [anywhereSkus: string[], skus: string[], locations: string[]]
const readLevelsBySku = defineStatement<SkuValues>("read_levels_by_sku", LEVELS_BY_SKU)
const lockLevelsBySku = defineStatement<SkuValues>("lock_levels_by_sku", `${LEVELS_BY_SKU} for update of s`)

export function readTouchedLevels(schema: string, touched: TouchedLevels, lock: boolean): Statement {
  const { anywhereSkus, skus, locations, reservationIds } = touched
  if (reservationIds.length === 0) {
    return (lock ? lockLevelsBySku : readLevelsBySku)(schema, anywhereSkus, skus, locations)
  }
  const ids = idValues(reservationIds)
  return (lock ? lockLevels : readLevels)(schema, anywhereSkus, skus, locations, ...ids)
}
