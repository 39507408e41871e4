/**
 * Where reads are sent. Whoever is given a reader can change nothing: writing takes a `Database`, and no way leads from the
 * one to the other.
 */
import type { Database } from "./database.ts"
import { readTogether } from "./query.ts"
import type { Statement } from "./statement.ts"

type Row = Record<string, unknown>

export interface Reader {
  readonly schema: string
  /** In this order, sent together. */
  run(statements: readonly Statement[]): Promise<Row[][]>
}

export function primaryReader(database: Database): Reader {
  return { schema: database.schema, run: (statements) => readTogether(database, statements) }
}

export async function readFrom(reader: Reader, statement: Statement): Promise<Row[]> {
  const [rows = []] = await reader.run([statement])
  return rows
}
