/** Single statements outside of any transaction of ours: reads, and the catalogue. */
import { EarmarkError } from "../core/errors.ts"
import { Connection } from "./connection.ts"
import type { Database } from "./database.ts"
import { faultKind, toEarmarkError } from "./faults.ts"
import type { Statement } from "./statement.ts"

type Row = Record<string, unknown>

export function read(database: Database, statement: Statement): Promise<Row[]> {
  return send(database, statement, false)
}

/** A statement that changes something and may safely be sent again. */
export function write(database: Database, statement: Statement): Promise<Row[]> {
  return send(database, statement, true)
}

/** Tries when a pooled connection turns out to be dead: one, since the next one is made afresh. */
const TRIES = 2

async function send(database: Database, statement: Statement, mayCommit: boolean): Promise<Row[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await sendOnce(database, statement, mayCommit)
    } catch (error) {
      if (error instanceof EarmarkError) throw error
      const kind = faultKind(error)
      const again = kind === "retry" || kind === "unavailable" || kind === "unknown"
      if (!again || tried === TRIES) throw toEarmarkError(error, kind)
    }
  }
}

async function sendOnce(database: Database, statement: Statement, mayCommit: boolean): Promise<Row[]> {
  const connection = await Connection.open(database.pool)
  try {
    const [result] = await connection.send([statement], mayCommit)
    return result?.rows ?? []
  } finally {
    connection.release()
  }
}
