/** The words and bounds of the flash-sale theatre: sales that are played, over a sandbox. */

/** Those of the engine over Postgres, and the seller that is broken on purpose. */
export const SALE_STRATEGIES = ["batched", "row-lock", "optimistic", "atomic-update", "broken"] as const
export type SaleStrategy = (typeof SALE_STRATEGIES)[number]

/** `preparing` empties the sandbox, `running` sells, `counting` reads the books; the others are final. */
export const SALE_STATES = ["preparing", "running", "counting", "finished", "stopped", "failed"] as const
export type SaleState = (typeof SALE_STATES)[number]

export const SALE_STOP_REASONS = ["request", "time_limit", "shutdown"] as const
export type SaleStopReason = (typeof SALE_STOP_REASONS)[number]

/** Each is a row with its journal, which the laws look at when the sale is over. */
export const SALE_UNITS_MAX = 10_000
/** What `row-lock` answers within the time limit on two cores that others use too; who is slower is ended by it. */
export const SALE_BUYERS_MAX = 20_000
