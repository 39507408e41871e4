import { ask } from "../call.ts"
import type { Context } from "../context.ts"
import { type Listing, listing } from "../listing.ts"
import { path, write } from "../operation.ts"
import type { CallOptions, WriteOptions } from "../options.ts"
import type { Location, LocationDetails, LocationFilter } from "../wire.ts"

export interface Locations {
  /** Makes or replaces it as a whole. The one with the lower `priority` is asked first. */
  put(code: string, details: LocationDetails, options?: WriteOptions): Promise<Location>
  list(filter?: LocationFilter, options?: CallOptions): Listing<Location>
}

export function locationsOf(context: Context): Locations {
  return {
    put: (code, details, options) =>
      ask(context, write("PUT", path`/v1/locations/${code}`, details), options),
    list: (filter = {}, options) => listing(context, { path: "/v1/locations", filter, options }),
  }
}
