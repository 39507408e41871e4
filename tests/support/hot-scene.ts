/** One hot item in a shop with one service, which nobody persists anything for. */
import { expect } from "vitest"
import type { Engine } from "../../src/index.ts"
import { stock } from "./engine.ts"
import { HotShop, type Service } from "./hot-shop.ts"

export interface HotScene {
  readonly shop: HotShop
  readonly service: Service
  readonly engine: Engine
}

/** An item with these units, of which so many are ready in Redis. */
export async function hotScene(
  redisUrl: string,
  { units, ready }: { readonly units: number; readonly ready: number },
  use: (scene: HotScene) => Promise<void>,
): Promise<void> {
  const shop = await HotShop.open({ redisUrl })
  const service = await shop.service()
  await stock(service.engine, "MUG", { LAX: units })
  await shop.heat("MUG", ready)
  await shop.openShards(service)
  try {
    await use({ shop, service, engine: service.engine })
  } finally {
    await shop.close()
  }
}

/** What Redis grants. */
export async function provisional(engine: Engine, more: { ttlSeconds?: number; quantity?: number } = {}) {
  const { quantity = 1, ...rest } = more
  const outcome = await engine.reserve({ lines: [{ sku: "MUG", quantity }], customerId: "c-1", ...rest })
  if (outcome.outcome !== "reserved") throw new Error(outcome.outcome)
  expect(outcome.reservation.durability).toBe("provisional")
  return outcome.reservation
}
