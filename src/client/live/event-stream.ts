/** Events as they happen, over any number of connections. */
import type { Context } from "../context.ts"
import { queryText } from "../operation.ts"
import type { FollowOptions } from "../options.ts"
import type { Event, EventStreamFilter } from "../wire.ts"
import { connectTo } from "./connection.ts"
import type { EventBlock } from "./event-blocks.ts"
import { type Ended, follow, silenceMsMaxOf } from "./following.ts"

/** The service says every 15 s that it lives: after two of these that did not come, it does not. */
const SILENCE_MS_MAX = 40_000

export interface ToldEvent {
  readonly event: Event
  /** The place after this event: keep it once the event is dealt with, and begin `after` it next time. */
  readonly cursor: string
}

/** Iterating it again goes on where it was left. */
export class EventStream implements AsyncIterable<ToldEvent> {
  readonly #context: Context
  readonly #filter: Omit<EventStreamFilter, "after">
  readonly #options: FollowOptions
  readonly #silenceMsMax: number
  #cursor: string | null

  constructor(context: Context, { after, ...filter }: EventStreamFilter, options: FollowOptions) {
    this.#context = context
    this.#filter = filter
    this.#options = options
    this.#silenceMsMax = silenceMsMaxOf(options, SILENCE_MS_MAX)
    this.#cursor = after ?? null
  }

  /** The place after what was told, and after what the filter has left out since; null before it has begun. */
  get cursor(): string | null {
    return this.#cursor
  }

  [Symbol.asyncIterator](): AsyncGenerator<ToldEvent, void> {
    return follow({
      context: this.#context,
      options: this.#options,
      connect: () => this.#connect(),
    })
  }

  #connect(): AsyncGenerator<ToldEvent, Ended> {
    return connectTo({
      context: this.#context,
      path: `/v1/events/stream${queryText(this.#filter)}`,
      lastEventId: this.#cursor,
      options: this.#options,
      silenceMsMax: this.#silenceMsMax,
      read: (block) => this.#read(block),
    })
  }

  #read({ id, data }: EventBlock): ToldEvent | null {
    // The place moves once the event is known to be whole.
    const event = data === null ? null : (JSON.parse(data) as Event)
    this.#cursor = id ?? this.#cursor
    return event && { event, cursor: this.#cursor ?? "" }
  }
}
