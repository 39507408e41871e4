/** The clock of the primary, the only one that decides deadlines. */
import { type Reader, readFrom } from "../reader.ts"
import { milliseconds } from "../rows.ts"
import { defineStatement } from "../statement.ts"

export const readClock = defineStatement<[]>(
  "read_clock",
  `select ${milliseconds("clock_timestamp()")} as now_ms`,
)

export async function readNow(primary: Reader): Promise<Date> {
  const [row] = await readFrom(primary, readClock(primary.schema))
  return new Date(Number(row?.["now_ms"]))
}
