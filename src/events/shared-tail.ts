/** One reader of the feed's end for everybody in this process who listens; while nobody does, it reads nothing. */
import { EarmarkError } from "../core/errors.ts"
import { pauseFor } from "../engine/pause.ts"
import { EventTail } from "./event-tail.ts"
import type { FeedParts } from "./read-events.ts"

/** Between two looks when nothing is new: each costs Postgres three looks into an index, and an event comes that late. */
export const POLL_INTERVAL_MS = 100
/** After failures it doubles up to this, so that a database that comes back is asked at once, and one that is away seldom. */
const POLL_INTERVAL_MS_MAX = 5_000

/** The feed itself says that there is no going on from here. */
const FINAL_CODES: ReadonlySet<string> = new Set(["events_dropped", "events_rewound"])

export class SharedTail {
  readonly #parts: FeedParts
  #tail: Promise<EventTail> | null = null
  #listeners = 0
  #stopping = new AbortController()
  #reading: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Keeps the tail reading until what is returned is called. */
  listen(): () => void {
    if (this.#isClosed) throw closed()
    this.#listeners += 1
    return () => {
      this.#listeners -= 1
      if (this.#listeners === 0) this.#stop()
    }
  }

  /**
   * Begins it where the feed ends, unless it is there. The database says where that is: were it the place of a reader, one with
   * a cursor that nobody has given would keep events from all the others.
   */
  tail(): Promise<EventTail> {
    this.#tail ??= this.#begin()
    return this.#tail
  }

  /** Tells everybody who listens that it is over, and leaves nothing running. */
  async close(): Promise<void> {
    this.#isClosed = true
    const tail = this.#tail
    this.#stop()
    await tail?.then(
      (begun) => begun.fail(closed()),
      () => {},
    )
    await this.#reading
  }

  async #begin(): Promise<EventTail> {
    const stopping = new AbortController()
    this.#stopping = stopping
    try {
      const tail = new EventTail(this.#parts, await this.#parts.store.now())
      if (this.#isClosed) throw closed()
      const before = this.#reading
      this.#reading = this.#read(tail, stopping).then(() => before)
      return tail
    } catch (error) {
      this.#forget(stopping)
      throw error
    }
  }

  #stop(): void {
    this.#stopping.abort()
    this.#tail = null
  }

  /** The next one who listens begins another. */
  #forget(stopping: AbortController): void {
    if (this.#stopping === stopping) this.#tail = null
  }

  async #read(tail: EventTail, stopping: AbortController): Promise<void> {
    const { signal } = stopping
    let pauseMs = POLL_INTERVAL_MS
    while (!signal.aborted) {
      try {
        const isMore = await tail.poll()
        pauseMs = POLL_INTERVAL_MS
        if (isMore) continue
      } catch (error) {
        if (error instanceof EarmarkError && FINAL_CODES.has(error.code)) {
          this.#forget(stopping)
          tail.fail(error)
          return
        }
        // The database is away, say: who listens hears of what comes after that.
        pauseMs = Math.min(2 * pauseMs, POLL_INTERVAL_MS_MAX)
      }
      await pauseFor(pauseMs, signal)
    }
  }
}

function closed(): EarmarkError {
  return new EarmarkError("unavailable", "The engine is closed.", { notApplied: true })
}
