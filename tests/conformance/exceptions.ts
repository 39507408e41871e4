/** The cases that a strategy cannot meet, each with its reason. A case that is not listed here runs for all of them. */
import type { StrategyName } from "../../src/index.ts"

export interface Exception {
  readonly strategy: StrategyName
  readonly topic: string
  /** The name of the case. */
  readonly name: string
  readonly reason: string
}

const VERSIONS =
  "what passes between a stock level and Redis is a change of the level, with a version of its own"
const KEYS_APART =
  "a key is kept beside the item while its reservation is provisional: one that comes with another item meanwhile is " +
  "noticed when both are persisted, and one of the two is revoked"

export const EXCEPTIONS: readonly Exception[] = [
  {
    strategy: "redis",
    topic: "stock",
    name: "fewer units than are held can never be on hand",
    reason: VERSIONS,
  },
  {
    strategy: "redis",
    topic: "safety stock",
    name: "is set on a level, which is made if it is new",
    reason: VERSIONS,
  },
  { strategy: "redis", topic: "safety stock", name: "set to what it is changes nothing", reason: VERSIONS },
  {
    strategy: "redis",
    topic: "reads of items",
    name: "availability adds up the locations, the first to be asked in front",
    reason: VERSIONS,
  },
  {
    strategy: "redis",
    topic: "idempotency of adjustments",
    name: "the same key adjusts once, and a replay shows the level as it stands now",
    reason: VERSIONS,
  },
  {
    strategy: "redis",
    topic: "idempotency",
    name: "the same key with another body is refused, and changes nothing",
    reason: KEYS_APART,
  },
  {
    strategy: "redis",
    topic: "idempotency",
    name: "of requests with one key and different bodies at the same time one reserves",
    reason: KEYS_APART,
  },
  ...[
    "a commit keeps every command, with the caller's own rows",
    "a rollback undoes every command, and their keys are free again",
    "commands of engines with different strategies share one transaction",
  ].map(
    (name): Exception => ({
      strategy: "redis",
      topic: "caller's transaction",
      name,
      reason:
        "what Redis has of an item cannot be taken back once the caller's transaction has touched the item",
    }),
  ),
  {
    strategy: "redis",
    topic: "caller's transaction",
    name: "it may be a connection of the engine's own pool, even the only one",
    reason: "what Redis has is taken back over another connection",
  },
]
