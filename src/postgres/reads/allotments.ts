/** What is allotted to Redis, and what of it was revoked. */
import type { AllotmentRecord, RevocationReason } from "../../core/allotments.ts"
import { defineStatement } from "../statement.ts"

export const readAllotments = defineStatement<[skus: string[], locations: string[]]>(
  "read_allotments",
  `select a.*
   from unnest($1::text[], $2::text[]) as n(sku, location)
   cross join lateral (
     select id from earmark.stock_levels where sku = n.sku and location = n.location limit 1
   ) s
   cross join lateral (select * from earmark.allotments where stock_level_id = s.id limit 1) a`,
)

export const readRevoked = defineStatement<[ids: string]>(
  "read_revoked",
  "select r.id::text as id, r.reason from earmark.revocations r where r.id = any($1::uuid[])",
)

export function toAllotment(row: Record<string, unknown>): AllotmentRecord {
  return {
    levelId: Number(row["stock_level_id"]),
    epoch: Number(row["epoch"]),
    units: Number(row["units"]),
    allottedTotal: Number(row["allotted_total"]),
    returnedTotal: Number(row["returned_total"]),
  }
}

export function toRevoked(row: Record<string, unknown>): [id: string, reason: RevocationReason] {
  return [String(row["id"]), row["reason"] as RevocationReason]
}
