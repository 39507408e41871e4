/** What came of the last checks of the laws, for those who look without checking themselves. */
import type { Verification } from "../engine/verifications.ts"
import type { Database } from "./database.ts"
import { write } from "./query.ts"
import { defineStatement } from "./statement.ts"
import type { LawReport } from "./verify.ts"

/** A check an hour for four days. */
const KEPT_MAX = 100
/** Of each broken law: enough to know where to look; `earmark verify` shows more. */
const SAMPLES_MAX = 5

const recordOne = defineStatement<[durationMs: number, version: string, laws: string]>(
  "record_verification",
  `with added as (
     insert into earmark.verifications (duration_ms, version, laws)
     values ($1::int, $2, $3::json)
     returning id
   )
   delete from earmark.verifications v
   where v.id <= (select a.id from added a) - ${KEPT_MAX}`,
)

export async function recordVerification(
  database: Database,
  { durationMs, version }: Pick<Verification, "durationMs" | "version">,
  reports: readonly LawReport[],
): Promise<void> {
  const laws = reports.map(({ id, law, holds, rows }) => {
    return { id, law, holds, violations: rows.length, samples: rows.slice(0, SAMPLES_MAX) }
  })
  await write(database, recordOne(database.schema, Math.round(durationMs), version, JSON.stringify(laws)))
}
