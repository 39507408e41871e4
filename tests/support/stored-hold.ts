/** A hold written by hand, lawful in every table, so that a test can choose its deadline: also one in the past. */
import { randomBytes } from "node:crypto"
import type pg from "pg"
import { createIdSource, laneHintFor, toWireId } from "../../src/core/ids.ts"

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
    insert into earmark.adjustments (id, stock_level_id, delta)
    select $6::uuid, level.id, $2 from level returning id
  ),
  reservation as (
    insert into earmark.reservations (id, state, customer_id, ttl_seconds, created_at, expires_at, updated_at)
    select $5::uuid, 'held', 'c-1', 600, t.at - interval '1 hour', t.at + $7::int * interval '1 millisecond',
      t.at - interval '1 hour'
    from (select date_trunc('milliseconds', clock_timestamp()) as at) t
    returning id, created_at, expires_at
  ),
  line as (
    insert into earmark.reservation_lines (reservation_id, stock_level_id, quantity, held_until)
    select reservation.id, level.id, $3, reservation.expires_at from reservation, level
  )
  select level.id as level_id, reservation.created_at,
    floor(extract(epoch from reservation.expires_at) * 1000)::bigint as expires_at_ms
  from level, reservation`

const JOURNAL = `
  insert into earmark.journal (stock_level_id, version, kind, reservation_id, adjustment_id,
    on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at)
  values ($1, 1, 'adjusted', null, $2, $3, 0, $3, 0, 0, now() - interval '1 day'),
    ($1, 2, 'held', $4, null, 0, $5, $3, $5, 0, now() - interval '1 hour')`

/** An item with one level, and one hold of customer `c-1` on it. */
export async function storeHold(pool: pg.Pool, options: StoredHoldOptions): Promise<StoredHold> {
  const { sku, onHand, quantity, expiresInMs, location = "LAX" } = options
  const uuid = ids.next(laneHintFor([sku]))
  const adjustment = ids.next(0)
  const client = await pool.connect()
  try {
    await client.query("begin")
    // The reference guards look at committed or earlier rows, hence the lines in the statement after them.
    await client.query("set local session_replication_role = replica")
    const { rows } = await client.query<{ level_id: number; expires_at_ms: string }>(INSERT, [
      sku,
      onHand,
      quantity,
      location,
      uuid,
      adjustment,
      expiresInMs,
    ])
    const [row] = rows
    if (!row) throw new Error("nothing was stored")
    await client.query(JOURNAL, [row.level_id, adjustment, onHand, uuid, quantity])
    await client.query("commit")
    return { sku, id: toWireId(uuid), uuid, levelId: row.level_id, expiresAtMs: Number(row.expires_at_ms) }
  } finally {
    client.release()
  }
}
