import type { SetSafetyStockOutcome } from "../core/commands.ts"
import { type EngineContext, submit } from "./context.ts"
import type { CallOptions } from "./requests.ts"

/** Keeps units back from sale; the level is made if it is new. */
export async function setSafetyStock(
  context: EngineContext,
  request: { sku: string; location: string; safetyStock: number },
  options: CallOptions = {},
): Promise<SetSafetyStockOutcome> {
  const { sku, location, safetyStock } = request
  return submit(context, { kind: "set_safety_stock", sku, location, safetyStock }, options)
}
