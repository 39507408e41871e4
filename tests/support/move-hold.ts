import type pg from "pg"

export interface Move {
  /** The UUID of the reservation. */
  readonly uuid: string
  readonly createdBySeconds: number
  readonly expiresBySeconds: number
}

/** As if a hold had begun and would end so much earlier. The tables refuse that, so it is done behind their back. */
export async function moveBack(pool: pg.Pool, move: Move): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    await client.query("set local session_replication_role = replica")
    await client.query(
      `with moved as (
        update earmark.reservations
        set created_at = created_at - $2::int * interval '1 second',
          expires_at = expires_at - $3::int * interval '1 second'
        where id = $1::uuid
        returning id, expires_at
      )
      update earmark.holds h
      set expires_at = moved.expires_at
      from moved
      where h.reservation_id = moved.id`,
      [move.uuid, move.createdBySeconds, move.expiresBySeconds],
    )
    await client.query("commit")
  } finally {
    client.release()
  }
}
