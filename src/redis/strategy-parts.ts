/** What the strategy is put together from. */
import type { AllotmentStore } from "../engine/allotment-store.ts"
import type { Strategy } from "../engine/ports.ts"
import type { Granting } from "./granting.ts"
import type { HotStock } from "./hot-stock.ts"
import type { Persister } from "./persister.ts"
import type { Recall } from "./recall.ts"
import type { Shard } from "./shard.ts"
import type { SharedLookup } from "./shared-lookup.ts"
import type { SoldOut } from "./sold-out.ts"

export interface RedisStrategyParts {
  readonly postgres: Strategy
  readonly store: AllotmentStore
  readonly hot: HotStock
  readonly shards: readonly Shard[]
  readonly granting: Granting
  /** Whose an idempotency key is, by its digest. */
  readonly keyOwners: SharedLookup<string, string>
  readonly persister: Persister
  readonly recall: Recall
  readonly soldOut: SoldOut
  /** Another id for a request whose first one may have been granted. */
  readonly freshId: (id: string) => string
}
