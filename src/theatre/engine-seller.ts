/** A strategy as a seller: an engine over the sandbox, asked by each buyer as by anybody else. */
import { randomUUID } from "node:crypto"
import type { Engine } from "../engine/engine.ts"
import type { SaleBooks } from "../engine/theatre.ts"
import type { Seller } from "./stage.ts"

const LOCATION = "STAGE"

/** @param readBooks reads what is on record, less what the engine knows */
export function engineSeller(
  engine: Engine,
  readBooks: (sku: string) => Promise<Pick<SaleBooks, "promised" | "brokenLaws">>,
): Seller {
  return {
    async supply(sku, units) {
      await engine.putLocation({ code: LOCATION, name: "The stage", priority: 1 })
      await engine.putItem({ sku, name: "What everybody wants" })
      const { outcome } = await engine.adjust({ sku, location: LOCATION, delta: units, reason: "received" })
      if (outcome !== "adjusted") throw new Error(`the stock could not be received: ${outcome}`)
    },
    async buy(sku, buyer) {
      const { outcome } = await engine.reserve({
        lines: [{ sku, quantity: 1, location: LOCATION }],
        customerId: buyer,
        idempotencyKey: randomUUID(),
      })
      if (outcome === "reserved") return true
      if (outcome === "insufficient_stock") return false
      throw new Error(`a reserve was answered ${outcome}`)
    },
    async books(sku) {
      const level = await engine.availability(sku)
      if (!level) throw new Error(`${sku} is gone`)
      return { units: level.onHand, available: level.available, ...(await readBooks(sku)) }
    },
    close: () => engine.close(),
  }
}
