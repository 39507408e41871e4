/** The periods of the books as they are. */
import type pg from "pg"
import { inSchema } from "../statement.ts"

export interface Period {
  readonly id: number
  /** Reservations made from here up to `endsAt` lie in its partition. */
  readonly startsAt: Date
  readonly endsAt: Date
  /** From when until when the journal and the keys were written into it; null: not yet. */
  readonly openedAt: Date | null
  readonly closedAt: Date | null
  /** Bytes on disk of what is kept of it: tables and their indexes. */
  readonly keyBytes: number
  readonly reservationBytes: number
  readonly journalBytes: number
}

const BYTES = (table: string) =>
  `coalesce(pg_total_relation_size(to_regclass($1 || '.${table}_p' || p.id)), 0)::float8`

/** Oldest first, without those of which nothing is kept. */
export async function listPeriods(
  pool: pg.Pool,
  { schema }: { readonly schema: string },
): Promise<readonly Period[]> {
  const { rows } = await pool.query<Period>(
    inSchema(
      schema,
      `select p.id, p.starts_at as "startsAt", p.ends_at as "endsAt", p.opened_at as "openedAt",
         p.closed_at as "closedAt", ${BYTES("idempotency_keys")} as "keyBytes",
         ${BYTES("reservations")} as "reservationBytes", ${BYTES("journal")} as "journalBytes"
       from earmark.periods p
       where p.journal_dropped_at is null
       order by p.id`,
    ),
    [`"${schema}"`],
  )
  return rows
}
