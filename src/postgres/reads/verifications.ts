import type { Verification } from "../../engine/verifications.ts"
import { type Reader, readFrom } from "../reader.ts"
import { milliseconds } from "../rows.ts"
import { defineStatement } from "../statement.ts"

const readNewest = defineStatement<[limit: number]>(
  "read_verifications",
  `select ${milliseconds("v.at")} as at_ms, v.duration_ms, v.version, v.laws::text as laws
   from earmark.verifications v
   order by v.id desc
   limit $1::int`,
)

export async function listVerifications(reader: Reader, limit: number): Promise<readonly Verification[]> {
  const rows = await readFrom(reader, readNewest(reader.schema, limit))
  return rows.map((row) => ({
    at: new Date(Number(row["at_ms"])),
    durationMs: Number(row["duration_ms"]),
    version: String(row["version"]),
    laws: JSON.parse(String(row["laws"])) as Verification["laws"],
  }))
}
