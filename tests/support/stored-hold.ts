/** A hold written by hand, lawful in every table, so that a test can choose its deadline: also one in the past. */
import { randomBytes } from "node:crypto"
import type pg from "pg"
import { createIdSource, laneHintFor, toWireId } from "../../src/core/ids.ts"
import { OPEN_PERIOD } from "../../src/postgres/periods/open-period.ts"

export interface StoredHold {
  readonly sku: string
  /** The wire id. */
  readonly id: string
  readonly uuid: string
  readonly levelId: number
  readonly expiresAtMs: number
}

export interface StoredHoldOptions {
  readonly sku: string
  readonly onHand: number
  readonly quantity: number
  /** From now on the database's clock; negative for a hold that is overdue. */
  readonly expiresInMs: number
  readonly location?: string
}

const ids = createIdSource(Date.now, () => randomBytes(6))

const INSERT = `
  with location as (
    insert into earmark.locations (code, name, priority) values ($4, $4, 1) on conflict do nothing
  ),
  item as (insert into earmark.items (sku, name) values ($1, $1)),
  level as (
    insert into earmark.stock_levels (sku, location, on_hand, held, version) values ($1, $4, $2, $3, 2)
    returning id
  ),
  adjustment as (
    insert into earmark.adjustments (id, stock_level_id, version, delta)
    select $6::uuid, level.id, 1, $2 from level
  ),
  reservation as (
    insert into earmark.reservations
      (id, state, customer_id, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at)
    select $5::uuid, 'held', 'c-1', array[level.id], array[$3::int], 600, t.at - interval '1 hour',
      t.at + $7::int * interval '1 millisecond', t.at - interval '1 hour'
    from level, (select date_trunc('milliseconds', clock_timestamp()) as at) t
    returning created_at, expires_at
  ),
  hold as (
    insert into earmark.holds (stock_level_id, expires_at, reservation_id, quantity)
    select level.id, reservation.expires_at, $5::uuid, $3 from level, reservation
  ),
  journal as (
    insert into earmark.journal (stock_level_id, version, kind, reservation_id, adjustment_id,
      on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)
    select level.id, entry.*, ${OPEN_PERIOD}
    from level, reservation, lateral (values
      (1, 'adjusted', null, $6::uuid, $2::int, 0, $2::int, 0, 0, reservation.created_at - interval '1 day'),
      (2, 'held', $5::uuid, null, 0, $3::int, $2::int, $3::int, 0, reservation.created_at)) as entry
  )
  select level.id as level_id, floor(extract(epoch from reservation.expires_at) * 1000)::bigint as expires_at_ms
  from level, reservation`

/** An item with one level, and one hold of customer `c-1` on it. */
export async function storeHold(pool: pg.Pool, options: StoredHoldOptions): Promise<StoredHold> {
  const { sku, onHand, quantity, expiresInMs, location = "LAX" } = options
  const uuid = ids.next(laneHintFor([sku]))
  const values = [sku, onHand, quantity, location, uuid, ids.next(0), expiresInMs]
  const { rows } = await pool.query<{ level_id: number; expires_at_ms: string }>(INSERT, values)
  const [row] = rows
  if (!row) throw new Error("nothing was stored")
  return { sku, id: toWireId(uuid), uuid, levelId: row.level_id, expiresAtMs: Number(row.expires_at_ms) }
}
