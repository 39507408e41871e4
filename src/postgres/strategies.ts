import type { Strategy, StrategyName } from "../engine/ports.ts"
import type { Database } from "./database.ts"
import { atomicUpdate } from "./strategies/atomic-update.ts"
import { batched } from "./strategies/batched.ts"
import { optimistic } from "./strategies/optimistic.ts"
import { rowLock } from "./strategies/row-lock.ts"

/** Every strategy, by its name in `EARMARK_STRATEGY`. */
export const STRATEGY_FACTORIES: Record<StrategyName, (database: Database) => Strategy> = {
  "row-lock": rowLock,
  optimistic,
  "atomic-update": atomicUpdate,
  batched,
}
