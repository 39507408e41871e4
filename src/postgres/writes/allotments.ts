import type { AllotmentRecord, Revocation } from "../../core/allotments.ts"
import { moment } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

/** As decided, under the lock of their levels. */
const upsertAllotments = defineStatement<
  [levels: string, epochs: string, units: string, allottedTotals: string, returnedTotals: string]
>(
  "upsert_allotments",
  `insert into earmark.allotments (stock_level_id, epoch, units, allotted_total, returned_total)
   select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
   on conflict (stock_level_id) do update
   set epoch = excluded.epoch, units = excluded.units, allotted_total = excluded.allotted_total,
     returned_total = excluded.returned_total`,
)

const insertRevocations = defineStatement<
  [nowMs: number, ids: string, epochs: string, reasons: string, granted: string[]]
>(
  "insert_revocations",
  `insert into earmark.revocations (id, epoch, reason, granted, revoked_at)
   select r.*, ${moment("$1::bigint")}
   from unnest($2::uuid[], $3::int[], $4::text[], $5::json[]) as r(id, epoch, reason, granted)
   on conflict (id) do nothing`,
)

export function allotmentUpsert(schema: string, allotments: readonly AllotmentRecord[]): Statement {
  return upsertAllotments(
    schema,
    arrayOf(allotments.map(({ levelId }) => levelId)),
    arrayOf(allotments.map(({ epoch }) => epoch)),
    arrayOf(allotments.map(({ units }) => units)),
    arrayOf(allotments.map(({ allottedTotal }) => allottedTotal)),
    arrayOf(allotments.map(({ returnedTotal }) => returnedTotal)),
  )
}

export function revocationInsert(
  schema: string,
  nowMs: number,
  revocations: readonly Revocation[],
): Statement {
  return insertRevocations(
    schema,
    nowMs,
    arrayOf(revocations.map(({ id }) => id)),
    arrayOf(revocations.map(({ epoch }) => epoch)),
    arrayOf(revocations.map(({ reason }) => reason)),
    revocations.map(({ grant }) => JSON.stringify(grant)),
  )
}
