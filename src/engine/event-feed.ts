/** What happened, as events, to whoever wants to know. */
import type { EarmarkEvent } from "../core/events/event.ts"

export interface EventFilter {
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
}

export interface EventQuery extends EventFilter {
  /** A cursor that the feed has given; without one the oldest that is kept comes first. */
  readonly after?: string | undefined
  /** Events at most. */
  readonly limit: number
}

export interface FollowQuery extends EventFilter {
  /** A cursor that the feed has given; without one what happens from now on is told. */
  readonly after?: string | undefined
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
  /** With nothing new for so long an empty batch comes, with its cursor; 15 s if not given. */
  readonly idleMs?: number | undefined
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
  /** On the primary's clock: whatever was committed by then has been looked at, as far as the page goes. */
  readonly asOf: Date
}

/** What has come since the batch before; it may be empty. */
export interface EventBatch {
  readonly events: readonly ToldEvent[]
  /** Where to go on after it. */
  readonly cursor: string
}

export interface EventFeed {
  page(query: EventQuery): Promise<EventPage>
  /**
   * What comes next, for who takes it all: a page that ends where a statement's events do. One of so many events ends within
   * them, and the next has to read them all again.
   *
   * @param changesMax changes at most; those of one statement are told together, however many they are
   */
  next(after: string, changesMax: number): Promise<EventPage>
  /** A cursor after everything that is committed. */
  now(): Promise<string>
  /** How long the oldest event after a cursor has been waiting to be read, in seconds; 0 when there is none. */
  lagSeconds(after: string): Promise<number>
}

export interface LiveFeed {
  /**
   * What follows, as it happens, until the signal is aborted. The first batch comes at once.
   *
   * @throws EarmarkError `events_outrun` when it is not asked for the next batch in time, `events_dropped` and
   *   `events_rewound` as pages do
   */
  follow(query: FollowQuery): AsyncIterable<EventBatch>
  /** Ends what is followed. */
  close(): Promise<void>
}
