/** The flash-sale theatre over a database: engines, and the seller that is broken on purpose, all over the sandbox alone. */
import { type BrokenSeller, openBrokenSeller } from "../broken/broken-seller.ts"
import type { SaleStrategy } from "../core/sales.ts"
import { openEngine } from "../library/open-engine.ts"
import { claimSandbox, type PostgresSandbox, sandboxSchemaOf } from "../postgres/sandbox.ts"
import { engineSeller } from "../theatre/engine-seller.ts"
import { type OpenTheatre, openTheatre, type TheatreOptions } from "../theatre/open-theatre.ts"
import { type Seller, type Stage, warmUp } from "../theatre/stage.ts"

/** Beside the ten of the service: enough for a crowd, and few enough to leave the database to those who really buy. */
const POOL_SIZE = 8

export interface TheatreDatabase {
  readonly databaseUrl: string
  /** That of the service, which is never sold from. */
  readonly schema: string
}

/** @throws StartError when there can be no sandbox beside this schema */
export function openTheatreOver(database: TheatreDatabase, options: TheatreOptions): OpenTheatre {
  sandboxSchemaOf(database.schema)
  return openTheatre(stageOver(database), options)
}

export function stageOver({ databaseUrl, schema }: TheatreDatabase): Stage<PostgresSandbox> {
  return {
    claim: () => claimSandbox({ databaseUrl, schema, poolSize: POOL_SIZE }),
    openSeller: (strategy, sandbox) =>
      strategy === "broken" ? openBroken(databaseUrl, sandbox) : openStrategy(strategy, sandbox),
  }
}

async function openStrategy(
  strategy: Exclude<SaleStrategy, "broken">,
  { pool, schema, promised, brokenLaws }: PostgresSandbox,
): Promise<Seller> {
  const engine = await openEngine({ pool, schema, strategy })
  const seller = engineSeller(engine, async (sku) => ({
    promised: await promised(sku),
    brokenLaws: await brokenLaws(),
  }))
  await warmUp(POOL_SIZE, () => engine.locations())
  return seller
}

async function openBroken(databaseUrl: string, { schema }: PostgresSandbox): Promise<Seller> {
  const seller = await openBrokenSeller({ databaseUrl, schema, poolSize: POOL_SIZE })
  await warmUp(POOL_SIZE, () => seller.buy("NOTHING", "nobody"))
  return { ...brokenSeller(seller), close: () => seller.close() }
}

function brokenSeller(seller: BrokenSeller): Omit<Seller, "close"> {
  /** It keeps no record of what there was: only of what it believes is left. */
  let supplied = 0
  return {
    async supply(sku, units) {
      await seller.supply(sku, units)
      supplied = units
    },
    buy: async (sku, buyer) => (await seller.buy(sku, buyer)) === "sold",
    async books(sku) {
      const { sold, available } = await seller.count(sku)
      return { units: supplied, promised: sold, available, brokenLaws: null }
    },
  }
}
