/** Single statements outside of any transaction of ours: reads, and the catalogue. */
import { EarmarkError } from "../core/errors.ts"
import { Connection } from "./connection.ts"
import type { Database } from "./database.ts"
import { faultKind, toEarmarkError } from "./faults.ts"
import type { Statement } from "./statement.ts"

type Row = Record<string, unknown>

export async function read(database: Database, statement: Statement): Promise<Row[]> {
  const [rows = []] = await send(database, [statement], false)
  return rows
}

/** In this order, in one round trip. */
export function readTogether(database: Database, statements: readonly Statement[]): Promise<Row[][]> {
  return send(database, statements, false)
}

/** A statement that changes something and may safely be sent again. */
export async function write(database: Database, statement: Statement): Promise<Row[]> {
  const [rows = []] = await send(database, [statement], true)
  return rows
}

/** Tries when a pooled connection turns out to be dead: one, since the next one is made afresh. */
const TRIES = 2

async function send(
  database: Database,
  statements: readonly Statement[],
  mayCommit: boolean,
): Promise<Row[][]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await sendOnce(database, statements, mayCommit)
    } catch (error) {
      if (error instanceof EarmarkError) throw error
      const kind = faultKind(error)
      const again = kind === "retry" || kind === "unavailable" || kind === "unknown"
      if (!again || tried === TRIES) throw toEarmarkError(error, kind)
    }
  }
}

async function sendOnce(
  database: Database,
  statements: readonly Statement[],
  mayCommit: boolean,
): Promise<Row[][]> {
  const connection = await Connection.open(database.pool)
  try {
    return (await connection.send(statements, mayCommit)).map(({ rows }) => rows)
  } finally {
    connection.release()
  }
}
