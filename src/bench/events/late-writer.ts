/** A transaction that has written at the beginning of a round and commits when thousands of others have. */
import { setTimeout as pause } from "node:timers/promises"
import { type Engine, openPool } from "../../index.ts"
import { LOCATION, stockUp } from "../units.ts"

const SKU = "LATE"
const UNITS = 1_000_000
/** Longer would show something else: until it ends Postgres keeps every version of the rows that all others change. */
const OPEN_MS = 1000

export interface LateWriter {
  /** @returns the id of the reservation that was made */
  write(): Promise<string>
  close(): Promise<void>
}

/** Stocks up an item of its own: whoever wants the same level would wait. */
export async function openLateWriter(engine: Engine, databaseUrl: string): Promise<LateWriter> {
  await stockUp(engine, [SKU], UNITS)
  const pool = openPool({ databaseUrl, max: 1 })
  return {
    async write() {
      const client = await pool.connect()
      try {
        await client.query("begin")
        const lines = [{ sku: SKU, quantity: 1, location: LOCATION }]
        const made = await engine.reserve({ lines }, { tx: client })
        if (made.outcome !== "reserved") throw new Error(`a reserve was answered ${made.outcome}`)
        await pause(OPEN_MS)
        await client.query("commit")
        return made.reservation.id
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}
