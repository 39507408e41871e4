import type { ReservationRecord } from "../../core/model.ts"
import { digestOf } from "../../engine/digest.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"

const insertKeys = defineStatement<[digests: string, ids: string, fingerprints: string, period: number]>(
  "insert_keys",
  `insert into earmark.idempotency_keys (digest, reservation_id, fingerprint, period)
   select k.*, $4::int
   from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k`,
)

/** @param period the one that was open before the keys were read */
export function keyInserts(
  schema: string,
  period: number,
  records: readonly ReservationRecord[],
): Statement[] {
  const keyed = records.flatMap(({ id, idempotencyKey, fingerprint }) =>
    idempotencyKey === null ? [] : [{ id, digest: digestOf(idempotencyKey), fingerprint }],
  )
  if (keyed.length === 0) return []
  // In sorted order: two lanes with the same keys then wait for each other one way only.
  keyed.sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const digests = arrayOf(keyed.map(({ digest }) => digest))
  const ids = arrayOf(keyed.map(({ id }) => id))
  const fingerprints = arrayOf(keyed.map(({ fingerprint }) => fingerprint))
  return [insertKeys(schema, digests, ids, fingerprints, period)]
}
