/** What Postgres says of Redis, at one instant. Shares no statement with the engine, as the laws do not. */
import type pg from "pg"
import type { AllotmentBooks, AllottedLevel, ReadAllotmentBooks } from "../engine/allotment-books.ts"
import { inSchema } from "./statement.ts"

/** One statement sees one snapshot. A grant whose key had been taken leaves its units with the shard. */
const BOOKS = `
  select
    (select coalesce(json_agg(json_build_object('shard', shard, 'epoch', epoch, 'state', state)), '[]')
     from earmark.redis_shards) as shards,
    (select coalesce(json_agg(json_build_object('levelId', s.id, 'sku', s.sku, 'location', s.location, 'epoch', a.epoch,
       'units', a.units, 'allottedTotal', a.allotted_total, 'returnedTotal', a.returned_total)), '[]')
     from earmark.allotments a join earmark.stock_levels s on s.id = a.stock_level_id) as levels,
    array(
      select r.id::text from earmark.reservations r where r.id = any($1::uuid[])
      union all
      select v.id::text from earmark.revocations v where v.id = any($1::uuid[]) and v.reason <> 'key_claimed'
    ) as drawn`

interface Row {
  readonly shards: AllotmentBooks["shards"]
  readonly levels: readonly AllottedLevel[]
  readonly drawn: readonly string[]
}

export function allotmentBooksOf(pool: pg.Pool, schema: string): ReadAllotmentBooks {
  const text = inSchema(schema, BOOKS)
  return async (grantIds) => {
    const { rows } = await pool.query<Row>(text, [[...grantIds]])
    const [{ shards, levels, drawn } = { shards: [], levels: [], drawn: [] }] = rows
    return { shards, levels, drawn: new Set(drawn) }
  }
}
