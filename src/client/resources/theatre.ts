import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { followSale } from "../live/follow-sale.ts"
import { act, path, read, write } from "../operation.ts"
import type { CallOptions, FollowOptions, WriteOptions } from "../options.ts"
import type { Sale, SaleDetails, TheatreProgramme } from "../wire.ts"

export interface Theatre {
  /** Who can sell, what the limits are, and the sale under way or the last one. */
  get(options?: CallOptions): Promise<TheatreProgramme>
  /**
   * Begins a sale. It is not tried again when nobody knows whether it began: `get` says.
   *
   * @throws EarmarkProblem `sale_running`, as there is one at a time
   */
  start(details: SaleDetails, options?: WriteOptions): Promise<Sale>
  sale(id: string, options?: CallOptions): Promise<Sale>
  /**
   * The sale as it is, some ten times a second, each time as a whole: the latest counts. Connects again by itself, and ends
   * with what came of it.
   *
   * @throws EarmarkProblem `sale_not_found`, also when the service began anew in the middle
   */
  follow(id: string, options?: FollowOptions): AsyncIterable<Sale>
  /** Resolves when it is over, also if it was before. */
  stop(id: string, options?: WriteOptions): Promise<Sale>
}

export function theatreOf(context: Context): Theatre {
  return {
    get: (options) => ask(context, read("/v1/theatre"), options),
    start: (details, options) => ask(context, act("/v1/theatre/sales", details), options),
    sale: (id, options) => ask(context, read(path`/v1/theatre/sales/${id}`), options),
    follow: (id, options = {}) => followSale(context, id, options),
    stop: (id, options) => ask(context, write("POST", path`/v1/theatre/sales/${id}/stop`), options),
  }
}
