/** What an explanation is made of, as the store reads it. */
import type { HeldStock } from "../core/explanation.ts"
import type { ReservationRecord } from "../core/model.ts"

export interface StockReading {
  readonly nowMs: number
  /** Every level of these items, the location that is asked first in front. */
  readonly levels: readonly HeldStock[]
  readonly knownSkus: ReadonlySet<string>
  /** Those of the locations asked for that exist. */
  readonly knownLocations: ReadonlySet<string>
  /** The reservation to be replaced. */
  readonly replaced: ReservationRecord | null
}

export interface StockQuestion {
  readonly skus: readonly string[]
  readonly locations: readonly string[]
  /** UUID. */
  readonly replaces: string | null
}
