import { ask, askToMake, askWithAsOf } from "../call.ts"
import type { Context } from "../context.ts"
import { type Listing, listing } from "../listing.ts"
import { path, question, read, write } from "../operation.ts"
import type { AsOf, CallOptions, Replayed, WriteOptions } from "../options.ts"
import type {
  Basket,
  Confirmation,
  Explanation,
  ExplanationWithHolders,
  Extension,
  HoldsSummary,
  Release,
  Reservation,
  ReservationFilter,
  ReservationJournal,
} from "../wire.ts"

export interface Reservations {
  /**
   * Sets units aside: the whole basket or nothing, with the problem `insufficient_stock`. With an idempotency key that
   * came before it is `replayed`: the reservation of that time as it stands now, so look at its `state`.
   */
  reserve(basket: Basket, options?: WriteOptions): Promise<Reservation & Replayed>
  get(id: string, options?: CallOptions): Promise<Reservation>
  /** Newest first. */
  list(filter?: ReservationFilter, options?: CallOptions): Listing<Reservation>
  /** Sells what was held. From the deadline on it is the problem `reservation_expired`. */
  confirm(id: string, confirmation?: Confirmation, options?: WriteOptions): Promise<Reservation>
  /** Gives back what was held. One that has expired is given back already: look at its `state`. */
  release(id: string, release?: Release, options?: WriteOptions): Promise<Reservation>
  /** Moves the deadline to so long from now, never to an earlier moment. */
  extend(id: string, extension: Extension, options?: WriteOptions): Promise<Reservation>
  /** What happened to it, from its beginning. */
  journal(id: string, options?: CallOptions): Promise<ReservationJournal>
  /** How many units are held, by age and by time left; the service reads it once a second at most. */
  summarizeHolds(options?: CallOptions): Promise<HoldsSummary & AsOf>
  /** Why this basket would be refused now, and from when on not any more. Reserves nothing, names nobody. */
  explain(basket: Basket, options?: CallOptions): Promise<Explanation>
  /** The same, with who holds the units until when. */
  explainWithHolders(basket: Basket, options?: CallOptions): Promise<ExplanationWithHolders>
}

const ALL = "/v1/reservations"

export function reservationsOf(context: Context): Reservations {
  return {
    reserve: (basket, options) => askToMake(context, write("POST", ALL, basket), options),
    get: (id, options) => ask(context, read(path`/v1/reservations/${id}`), options),
    list: (filter = {}, options) => listing(context, { path: ALL, filter, options }),
    confirm: (id, confirmation, options) =>
      ask(context, write("POST", path`/v1/reservations/${id}/confirm`, confirmation), options),
    release: (id, release, options) =>
      ask(context, write("POST", path`/v1/reservations/${id}/release`, release), options),
    extend: (id, extension, options) =>
      ask(context, write("POST", path`/v1/reservations/${id}/extend`, extension), options),
    journal: (id, options) => ask(context, read(path`/v1/reservations/${id}/journal`), options),
    summarizeHolds: (options) => askWithAsOf(context, read("/v1/holds/summary"), options),
    explain: (basket, options) => ask(context, question(`${ALL}/explain`, basket), options),
    explainWithHolders: (basket, options) =>
      ask(context, question(`${ALL}/explain/holders`, basket), options),
  }
}
