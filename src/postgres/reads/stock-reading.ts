/** Stock as an explanation needs it: what `held` is made of, and who holds it. */
import { type HeldStock, HOLDERS_LISTED_MAX, type LiveHold, type LiveHolds } from "../../core/explanation.ts"
import type { StockQuestion, StockReading } from "../../engine/stock-reading.ts"
import type { Database } from "../database.ts"
import { read } from "../query.ts"
import { primaryReader } from "../reader.ts"
import { milliseconds, moment, textOrNull, toStockLevel } from "../rows.ts"
import { arrayOf, defineStatement } from "../statement.ts"
import { readKnownLocations } from "./known-locations.ts"
import { readReservationRecord } from "./reservations.ts"

type Row = Record<string, unknown>

/** Holds read in one answer, the same number of each level. */
const HOLDS_READ_MAX = 10_000
const HOLDS_READ_PER_LEVEL_MAX = 1_000
/** Holds counted in one answer: some tenths of a second's worth. */
const HOLDS_COUNTED_MAX = 1_000_000
const HOLDS_COUNTED_PER_LEVEL_MAX = 10_000

const readHeldStock = defineStatement<[skus: string[]]>(
  "read_held_stock",
  `with instant as materialized (select clock_timestamp() as at)
   select i.sku as item, s.id, s.sku, s.location, s.priority, s.on_hand, s.held, s.safety_stock, s.version,
     ${milliseconds("instant.at")} as now_ms,
     (select coalesce(sum(h.quantity), 0)
      from earmark.holds h
      where h.stock_level_id = s.id and h.expires_at <= instant.at) as overdue,
     coalesce((select a.units from earmark.allotments a where a.stock_level_id = s.id), 0) as allotted
   from instant
   left join earmark.items i on i.sku = any($1::text[])
   left join lateral (
     select l.*, p.priority
     from earmark.stock_levels l
     join earmark.locations p on p.code = l.location
     where l.sku = i.sku
     offset 0
   ) s on true
   order by i.sku, s.priority, s.location`,
)

const readLiveHolds = defineStatement<[levels: string, nowMs: number, perLevel: number, listed: number]>(
  "read_live_holds",
  `select h.stock_level_id, h.reservation_id::text as reservation_id, h.quantity,
     ${milliseconds("h.expires_at")} as expires_at_ms, r.customer_id
   from unnest($1::int[]) as l(id)
   cross join lateral (
     select *, row_number() over (order by expires_at, reservation_id) as place
     from earmark.holds
     where stock_level_id = l.id and expires_at > ${moment("$2::bigint")}
     order by expires_at, reservation_id
     limit $3::int
   ) h
   left join lateral (
     select customer_id from earmark.reservations where id = h.reservation_id and h.place <= $4::int limit 1
   ) r on true
   order by h.stock_level_id, h.place`,
)

const countLiveHolds = defineStatement<[levels: string, nowMs: number, countMax: number]>(
  "count_live_holds",
  `select l.id, n.holds
   from unnest($1::int[]) as l(id)
   cross join lateral (
     select count(*) as holds
     from (
       select from earmark.holds where stock_level_id = l.id and expires_at > ${moment("$2::bigint")} limit $3::int
     ) h
   ) n`,
)

export async function readStock(
  database: Database,
  { skus, locations, replaces }: StockQuestion,
): Promise<StockReading> {
  const rows = await read(database, readHeldStock(database.schema, [...skus]))
  const found = rows.filter((row) => row["item"] !== null)
  return {
    nowMs: Number(rows[0]?.["now_ms"]),
    levels: found.filter((row) => row["id"] !== null).map(toHeldStock),
    knownSkus: new Set(found.map((row) => String(row["item"]))),
    knownLocations: await readKnownLocations(database, locations),
    replaced: replaces === null ? null : await readReservationRecord(primaryReader(database), replaces),
  }
}

function toHeldStock(row: Row): HeldStock {
  return { ...toStockLevel(row), overdue: Number(row["overdue"]), allotted: Number(row["allotted"]) }
}

export async function readHolds(
  database: Database,
  levelIds: readonly number[],
  nowMs: number,
): Promise<ReadonlyMap<number, LiveHolds>> {
  if (levelIds.length === 0) return new Map()
  const { schema } = database
  const share = (all: number) => Math.max(1, Math.floor(all / levelIds.length))
  const perLevel = Math.min(share(HOLDS_READ_MAX), HOLDS_READ_PER_LEVEL_MAX)
  const rows = await read(
    database,
    readLiveHolds(schema, arrayOf(levelIds), nowMs, perLevel, HOLDERS_LISTED_MAX),
  )
  const byLevel = Map.groupBy(rows.map(toHold), ({ levelId }) => levelId)
  const countMax = Math.min(share(HOLDS_COUNTED_MAX), HOLDS_COUNTED_PER_LEVEL_MAX)
  const counts = await read(database, countLiveHolds(schema, arrayOf(levelIds), nowMs, countMax))
  return new Map(
    counts.map((row) => {
      const soonest = byLevel.get(Number(row["id"])) ?? []
      // Some may have ended between the two questions.
      return [Number(row["id"]), { soonest, count: Math.max(soonest.length, Number(row["holds"])) }]
    }),
  )
}

function toHold(row: Row): LiveHold {
  return {
    levelId: Number(row["stock_level_id"]),
    reservationId: String(row["reservation_id"]),
    customerId: textOrNull(row["customer_id"]),
    quantity: Number(row["quantity"]),
    expiresAtMs: Number(row["expires_at_ms"]),
  }
}
