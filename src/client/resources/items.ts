import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { type Listing, listing } from "../listing.ts"
import { path, read, write } from "../operation.ts"
import type { CallOptions, WriteOptions } from "../options.ts"
import type { HotItem, HotItemList, HotTarget, Item, ItemDetails, ItemFilter } from "../wire.ts"

export interface Items {
  /** Makes or replaces it as a whole: what is left out is cleared. Its stock is not touched. */
  put(sku: string, details: ItemDetails, options?: WriteOptions): Promise<Item>
  get(sku: string, options?: CallOptions): Promise<Item>
  /** By sku. */
  list(filter?: ItemFilter, options?: CallOptions): Listing<Item>
  /** Lets Redis grant so many units of each stock level from memory; 0 takes all of them back. */
  setHot(sku: string, target: HotTarget, options?: WriteOptions): Promise<HotItem>
  /** Those that Redis grants, and those that are cooling down. */
  listHot(options?: CallOptions): Promise<readonly HotItem[]>
}

export function itemsOf(context: Context): Items {
  return {
    put: (sku, details, options) => ask(context, write("PUT", path`/v1/items/${sku}`, details), options),
    get: (sku, options) => ask(context, read(path`/v1/items/${sku}`), options),
    list: (filter = {}, options) => listing(context, { path: "/v1/items", filter, options }),
    setHot: (sku, target, options) => ask(context, write("PUT", path`/v1/items/${sku}/hot`, target), options),
    async listHot(options) {
      const { data } = await ask<HotItemList>(context, read("/v1/hot-items"), options)
      return data
    },
  }
}
