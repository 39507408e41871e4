/** Who sells single units of one level: a strategy, or the seller that is broken on purpose. */
import { randomUUID } from "node:crypto"
import { openBrokenSeller } from "../broken/broken-seller.ts"
import type { Engine, StrategyName } from "../index.ts"
import { openEngine } from "./engine-contender.ts"
import { AskAgain } from "./load/ask-again.ts"
import type { Surroundings } from "./scenario.ts"
import { LOCATION, stockUp } from "./units.ts"

export interface Seller {
  /** Puts a new item up for sale. */
  supply(sku: string, units: number): Promise<void>
  /** Asks for one unit; false: there was none left. */
  ask(sku: string, caller: number): Promise<boolean>
  count(sku: string, told: Told): Promise<UnitCount>
  /** What else the round tells. */
  takeFigures(): Record<string, number>
  close(): Promise<void>
}

/** What callers were told, and what there was for them. */
export interface Told {
  readonly supplied: number
  readonly granted: number
  readonly refused: number
}

export interface UnitCount {
  readonly oversold: number
  readonly leaked: number
}

export async function openEngineSeller(
  surroundings: Surroundings,
  strategy: StrategyName,
  { keyed = false } = {},
): Promise<Seller> {
  const schema = surroundings.server.freshSchema()
  const engine = await openEngine(surroundings, strategy, schema)
  return {
    ...engineSeller(engine, { keyed }),
    async close() {
      await engine.close()
      await surroundings.server.dropSchema(schema)
    },
  }
}

/** @param keyed whether each request carries an idempotency key, as clients that may repeat it send one */
export function engineSeller(engine: Engine, { keyed }: { keyed: boolean }): Omit<Seller, "close"> {
  const again = new AskAgain()
  return {
    supply: (sku, units) => stockUp(engine, [sku], units),
    async ask(sku, caller) {
      const request = {
        lines: [{ sku, quantity: 1, location: LOCATION }],
        customerId: `c-${caller}`,
        ...(keyed && { idempotencyKey: randomUUID() }),
      }
      const { outcome } = await again.untilAnswered(() => engine.reserve(request))
      if (outcome === "reserved") return true
      if (outcome === "insufficient_stock") return false
      throw new Error(`a reserve was answered ${outcome}`)
    },
    async count(sku, { supplied, granted, refused }) {
      const level = await engine.availability(sku)
      if (!level) throw new Error(`the level of ${sku} is gone`)
      // Units that nobody got although somebody was refused are as bad as lost.
      const withheld = refused > 0 ? Math.max(0, supplied - granted) : 0
      return {
        oversold: Math.max(0, granted - supplied),
        leaked: Math.abs(level.held - granted) + Math.abs(level.onHand - supplied) + withheld,
      }
    },
    takeFigures: () => again.takeFigures(),
  }
}

export async function openSellerThatIsBroken({ server, poolSize }: Surroundings): Promise<Seller> {
  const schema = server.freshSchema()
  const seller = await openBrokenSeller({ databaseUrl: server.url, schema, poolSize })
  return {
    supply: (sku, units) => seller.supply(sku, units),
    ask: async (sku, caller) => (await seller.buy(sku, `c-${caller}`)) === "sold",
    async count(sku, { supplied, granted }) {
      const { sold, available } = await seller.count(sku)
      // What was sold and is still for sale was, or will be, sold twice.
      return { oversold: Math.max(0, sold + available - supplied), leaked: Math.abs(sold - granted) }
    },
    takeFigures: () => ({}),
    async close() {
      await seller.close()
      await server.dropSchema(schema)
    },
  }
}
