import { type Context, contextOf, SURROUNDINGS, type Surroundings } from "./context.ts"
import type { ClientOptions } from "./options.ts"
import { type Clock, clockOf } from "./resources/clock.ts"
import { type Events, eventsOf } from "./resources/events.ts"
import { healthOf, type ServiceHealth } from "./resources/health.ts"
import { type Items, itemsOf } from "./resources/items.ts"
import { type Locations, locationsOf } from "./resources/locations.ts"
import { type Reservations, reservationsOf } from "./resources/reservations.ts"
import { type Sinks, sinksOf } from "./resources/sinks.ts"
import { type Stock, stockOf } from "./resources/stock.ts"
import { type Theatre, theatreOf } from "./resources/theatre.ts"
import { type Webhooks, webhooksOf } from "./resources/webhooks.ts"

export interface Client {
  readonly reservations: Reservations
  readonly items: Items
  readonly locations: Locations
  readonly stock: Stock
  readonly events: Events
  readonly webhooks: Webhooks
  readonly sinks: Sinks
  readonly clock: Clock
  /** A demonstration: it is there where the service has it turned on. */
  readonly theatre: Theatre
  readonly health: ServiceHealth
}

/**
 * A client of the HTTP service, for browsers and Node: nothing is opened, and nothing needs to be closed. Calls answer with
 * what the service says, or throw an `EarmarkProblem` (it said something else), an `EarmarkUnanswered` (it said nothing that
 * could be read), or the reason of the caller's signal.
 *
 * @throws TypeError, RangeError when the options are no address or out of bounds
 */
export function createClient(options: ClientOptions): Client {
  return clientOver(options, SURROUNDINGS)
}

/** The same with chance and time of a test's own. */
export function clientOver(options: ClientOptions, surroundings: Surroundings): Client {
  const context: Context = contextOf(options, surroundings)
  return {
    reservations: reservationsOf(context),
    items: itemsOf(context),
    locations: locationsOf(context),
    stock: stockOf(context),
    events: eventsOf(context),
    webhooks: webhooksOf(context),
    sinks: sinksOf(context),
    clock: clockOf(context),
    theatre: theatreOf(context),
    health: healthOf(context),
  }
}
