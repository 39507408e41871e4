/** The client, `earmark/client`: fetch and nothing else, so that it runs wherever that is. */
export type { ErrorCode, InputError, Shortage } from "../protocol/problem.ts"
export { type Client, createClient } from "./create-client.ts"
export {
  type EarmarkFailure,
  EarmarkProblem,
  EarmarkUnanswered,
  isProblem,
  type ProblemOf,
} from "./failures.ts"
export type { Listing, PageOf } from "./listing.ts"
export type { EventStream, ToldEvent } from "./live/event-stream.ts"
export type {
  AsOf,
  CallOptions,
  ClientOptions,
  Connection,
  FollowOptions,
  Replayed,
  Retry,
  WriteOptions,
} from "./options.ts"
export type { Clock } from "./resources/clock.ts"
export type { Events } from "./resources/events.ts"
export type { ServiceHealth } from "./resources/health.ts"
export type { Items } from "./resources/items.ts"
export type { Locations } from "./resources/locations.ts"
export type { Reservations } from "./resources/reservations.ts"
export type { Sinks } from "./resources/sinks.ts"
export type { Stock } from "./resources/stock.ts"
export type { Theatre } from "./resources/theatre.ts"
export type { Webhooks } from "./resources/webhooks.ts"
export type * from "./wire.ts"
