import type { PostgresStrategyName, Strategy } from "../engine/ports.ts"
import type { Database } from "./database.ts"
import { atomicUpdate } from "./strategies/atomic-update.ts"
import { batched } from "./strategies/batched.ts"
import { optimistic } from "./strategies/optimistic.ts"
import { rowLock } from "./strategies/row-lock.ts"

/** Every strategy that needs nothing but Postgres, by its name in `EARMARK_STRATEGY`. */
export const STRATEGY_FACTORIES: Record<PostgresStrategyName, (database: Database) => Strategy> = {
  "row-lock": rowLock,
  optimistic,
  "atomic-update": atomicUpdate,
  batched,
}
