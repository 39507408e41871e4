import { askWithAsOf } from "../call.ts"
import type { Context } from "../context.ts"
import { EventStream } from "../live/event-stream.ts"
import { read } from "../operation.ts"
import type { AsOf, CallOptions, FollowOptions } from "../options.ts"
import type { EventFilter, EventPage, EventStreamFilter } from "../wire.ts"

export interface Events {
  /**
   * What happened after a cursor, oldest first; without one, from the oldest that is kept. `nextCursor` leads on, also when
   * nothing is new. A page that looks for something rare may be empty and yet lead on.
   */
  page(filter?: EventFilter, options?: CallOptions): Promise<EventPage & AsOf>
  /**
   * What happens, as it happens: from the first connection on, or after a cursor. Connects again by itself and goes on
   * where it was, so that nothing is missed or told twice.
   *
   * @throws EarmarkProblem `invalid_request`; `events_dropped` and `events_rewound` when there is no going on
   */
  stream(filter?: EventStreamFilter, options?: FollowOptions): EventStream
}

export function eventsOf(context: Context): Events {
  return {
    page: (filter = {}, options) => askWithAsOf(context, read("/v1/events", { ...filter }), options),
    stream: (filter = {}, options = {}) => new EventStream(context, filter, options),
  }
}
