import { ask, askToMake } from "../call.ts"
import type { Context } from "../context.ts"
import { type Listing, listing } from "../listing.ts"
import { followLiveStock } from "../live/live-stock.ts"
import { path, read, write } from "../operation.ts"
import type { CallOptions, FollowOptions, Replayed, WriteOptions } from "../options.ts"
import type {
  Adjustment,
  Availability,
  Item,
  ItemFilter,
  JournalEntry,
  LiveAvailability,
  SafetyStock,
  StockJournalFilter,
  StockJournalPage,
  StockLevel,
} from "../wire.ts"

export interface Stock {
  /** What is available of an item, and where, as of one moment. */
  get(sku: string, options?: CallOptions): Promise<Availability>
  /** Each stock level of the items of this filter, by sku; `limit` and `cursor` are about items. */
  list(filter?: ItemFilter, options?: CallOptions): AsyncIterable<StockLevel>
  /** Receives units, or corrects what is on hand. With a key that came before, nothing more than that time: `replayed`. */
  adjust(adjustment: Adjustment, options?: WriteOptions): Promise<StockLevel & Replayed>
  /** Keeps units back from sale. The stock level is made if it is new. */
  setSafetyStock(
    sku: string,
    location: string,
    safetyStock: SafetyStock,
    options?: WriteOptions,
  ): Promise<StockLevel>
  /** Who changed what, and why; newest first unless `order` says otherwise. */
  journal(
    sku: string,
    filter?: StockJournalFilter,
    options?: CallOptions,
  ): Listing<JournalEntry, StockJournalPage>
  /**
   * What is available of up to 100 items: each as it is now, then whenever it changes. Whoever is slow gets the latest of
   * each. Connects again by itself, and begins with what is available then.
   *
   * @throws EarmarkProblem `invalid_request`, `item_not_found`
   */
  follow(skus: readonly string[], options?: FollowOptions): AsyncIterable<LiveAvailability>
}

export function stockOf(context: Context): Stock {
  return {
    get: (sku, options) => ask(context, read(path`/v1/items/${sku}/availability`), options),
    async *list(filter = {}, options) {
      const items = listing<Item>(context, { path: "/v1/items", filter, options })
      for await (const { sku, locations } of items) {
        for (const level of locations) yield { sku, ...level }
      }
    },
    adjust: (adjustment, options) =>
      askToMake(context, write("POST", "/v1/stock/adjustments", adjustment), options),
    setSafetyStock: (sku, location, safetyStock, options) =>
      ask(context, write("PATCH", path`/v1/stock/${sku}/${location}`, safetyStock), options),
    journal: (sku, filter = {}, options) =>
      listing(context, { path: path`/v1/stock/${sku}/journal`, filter, options }),
    follow: (skus, options = {}) => followLiveStock(context, skus, options),
  }
}
