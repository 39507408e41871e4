/** Events as they happen, over any number of connections. */
import type { Context } from "../context.ts"
import { queryText } from "../operation.ts"
import type { FollowOptions } from "../options.ts"
import { headersOf } from "../request.ts"
import { type TimeLimit, timeLimit } from "../time-limit.ts"
import {
  problemInStream,
  problemOf,
  type Trouble,
  timedOut,
  troubleOf,
  unreachable,
  unreadable,
} from "../trouble.ts"
import type { Event, EventStreamFilter } from "../wire.ts"
import { bodyText } from "./body-text.ts"
import { type EventBlock, EventBlockReader } from "./event-blocks.ts"
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

  async *#connect(): AsyncGenerator<ToldEvent, Ended> {
    const limit = timeLimit(this.#context.tryTimeoutMs, this.#options.signal)
    let hasLived = false
    const onBlock = () => {
      hasLived = true
    }
    try {
      const trouble = yield* this.#tell(limit, onBlock)
      return { trouble, hasLived }
    } catch (cause) {
      const trouble = limit.hasPassed() ? timedOut("Nothing came from the service") : unreachable(cause)
      return { trouble, hasLived }
    } finally {
      limit.abort()
    }
  }

  /** Returns why it is over. */
  async *#tell(limit: TimeLimit, onBlock: () => void): AsyncGenerator<ToldEvent, Trouble> {
    const opened = await this.#open(limit)
    if ("kind" in opened) return opened
    this.#options.onConnection?.({ state: "open" })
    const reader = new EventBlockReader()
    for await (const text of bodyText(opened, { limit, silenceMsMax: this.#silenceMsMax })) {
      for (const block of reader.read(text)) {
        onBlock()
        if (block.type === "problem") return endOf(block)
        // The place moves once the event is known to be whole.
        const event = block.data === null ? null : (JSON.parse(block.data) as Event)
        this.#cursor = block.id ?? this.#cursor
        if (event !== null) yield { event, cursor: this.#cursor ?? "" }
      }
    }
    return unreachable(undefined)
  }

  async #open(limit: TimeLimit): Promise<ReadableStream<Uint8Array> | Trouble> {
    const { fetch, baseUrl } = this.#context
    const headers = headersOf(this.#context, this.#options, false)
    headers.set("accept", "text/event-stream")
    if (this.#cursor !== null) headers.set("last-event-id", this.#cursor)
    const url = `${baseUrl}/v1/events/stream${queryText(this.#filter)}`
    const { signal } = limit
    const response = await fetch(url, { headers, cache: "no-store", redirect: "error", signal })
    if (!response.ok) return troubleOf(response, await response.text())
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream")
    return isStream && response.body ? response.body : unreadable(response)
  }
}

function endOf({ data }: EventBlock): Trouble {
  const problem = problemOf(data ?? "")
  return problem === null ? unreachable(undefined) : problemInStream(problem)
}
