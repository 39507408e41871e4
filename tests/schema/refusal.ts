import type pg from "pg"
import { digestOf } from "../../src/engine/digest.ts"

/** What the server says to a statement that it refuses; or what it did, which is then undone. */
export async function refusal(pool: pg.Pool, sql: string): Promise<unknown> {
  const client = await pool.connect()
  try {
    await client.query("begin")
    const { command, rowCount } = await client.query(sql)
    return `${command} ${rowCount} went through`
  } catch (error) {
    return error
  } finally {
    await client.query("rollback")
    client.release()
  }
}

/** In SQL: the id of the reservation that was made with a key. */
export function madeWith(key: string): string {
  return `(select reservation_id from earmark.idempotency_keys where digest = '${digestOf(key)}')`
}

export const SOME_UUID = "'00000000-0000-7000-8000-000000000000'"

export const JOURNAL_COLUMNS = `(stock_level_id, version, kind, reservation_id, adjustment_id,
  on_hand_delta, held_delta, on_hand, held, safety_stock, occurred_at, period)`

type Said<Name extends string> = Readonly<Partial<Record<Name, string>>>

/** In SQL: what may follow in the journal of a level, in the words of the level as it is; but for what is said. */
export function nextEntry(
  levelId: number,
  said: Said<"reservation" | "version" | "onHand" | "held" | "safetyStock" | "period">,
): string {
  const { reservation = madeWith("sold"), version = "version + 1", period = "1" } = said
  const { onHand = "on_hand", held = "held", safetyStock = "safety_stock" } = said
  return `select id, ${version}, 'extended', ${reservation}, null::uuid, 0, 0, ${onHand}, ${held}, ${safetyStock},
      now(), ${period}::int
    from earmark.stock_levels where id = ${levelId}`
}

/** In SQL: columns and values of a hold of one unit of a level, but for what is said. */
export function reservation(
  levelId: number,
  said: Said<"state" | "levels" | "quantities" | "expiresAt">,
): string {
  const { state = "'held'", levels = `'{${levelId}}'`, quantities = "'{1}'" } = said
  const { expiresAt = "now() + interval '1 s'" } = said
  return `(id, state, stock_level_ids, quantities, ttl_seconds, created_at, expires_at, updated_at)
    values (${SOME_UUID}, ${state}, ${levels}, ${quantities}, 1, now(), ${expiresAt}, now())`
}
