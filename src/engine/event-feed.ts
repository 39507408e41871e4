/** What happened, as events, to whoever wants to know. */
import type { EarmarkEvent } from "../core/events/event.ts"

export interface EventQuery {
  /** A cursor that the feed has given; without one the oldest that is kept comes first. */
  readonly after?: string | undefined
  /** Events at most. */
  readonly limit: number
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
}

export interface ToldEvent {
  readonly event: EarmarkEvent
  /** Where to go on after it. */
  readonly cursor: () => string
}

export interface EventPage {
  readonly events: readonly ToldEvent[]
  /** Where to go on, also when nothing is new. */
  readonly nextCursor: string
  /** Whether that was all, when it was looked for. */
  readonly isAll: boolean
}

export interface EventFeed {
  page(query: EventQuery): Promise<EventPage>
  /** A cursor after everything that is committed. */
  now(): Promise<string>
  /** How long the oldest event after a cursor has been waiting to be read, in seconds; 0 when there is none. */
  lagSeconds(after: string): Promise<number>
}
