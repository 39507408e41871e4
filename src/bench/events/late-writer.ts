/** A transaction that has written at the beginning of a round and commits only when everything else was told. */
import { type Engine, openPool } from "../../index.ts"
import { LOCATION, stockUp } from "../units.ts"

const SKU = "LATE"
const UNITS = 1_000_000

export interface LateWriter {
  /** Writes and stays open. */
  begin(): Promise<{ readonly reservationId: string; commit(): Promise<void> }>
  close(): Promise<void>
}

/** Stocks up an item of its own: whoever wants the same level would wait. */
export async function openLateWriter(engine: Engine, databaseUrl: string): Promise<LateWriter> {
  await stockUp(engine, [SKU], UNITS)
  const pool = openPool({ databaseUrl, max: 1 })
  let giveBack = (_isBroken: boolean) => {}
  return {
    async begin() {
      const client = await pool.connect()
      giveBack = (isBroken) => {
        giveBack = () => {}
        client.release(isBroken)
      }
      await client.query("begin")
      // It stays open for longer than any transaction should.
      await client.query("set local idle_in_transaction_session_timeout = 0")
      const lines = [{ sku: SKU, quantity: 1, location: LOCATION }]
      const made = await engine.reserve({ lines }, { tx: client })
      if (made.outcome !== "reserved") throw new Error(`a reserve was answered ${made.outcome}`)
      return {
        reservationId: made.reservation.id,
        async commit() {
          await client.query("commit")
          giveBack(false)
        },
      }
    },
    async close() {
      // A round that failed has left it open, and the pool would wait for it.
      giveBack(true)
      await pool.end()
    },
  }
}
