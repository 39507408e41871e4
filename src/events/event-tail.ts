/** The end of the feed, as one reader of it sees it: what came last is kept a while for everybody who listens. */
import type { ToldEvent } from "../engine/event-feed.ts"
import { type FeedPlace, LOOK_BACK, rangesOf } from "../engine/feed-store.ts"
import { encodeCursor } from "./cursor.ts"
import { type FeedParts, readEvents } from "./read-events.ts"

/**
 * Events that are kept for those who listen: some 10 MB where each has a few lines. At a thousand events a second a listener
 * may fall four seconds behind.
 */
const KEPT_MAX = 4096

/** What one read has found. */
export interface TailBatch {
  readonly events: readonly ToldEvent[]
  /** Where to go on after them. */
  readonly cursor: string
}

export interface TailHead {
  readonly place: FeedPlace
  /** Of the batch before it; they are counted from 1. */
  readonly number: number
}

export class EventTail {
  readonly #parts: FeedParts
  readonly #batches: TailBatch[] = []
  readonly #waiting = new Set<() => void>()
  /** Of gaps up to here it knows nothing. */
  readonly #floor: number
  #kept = 0
  #head: TailHead
  #failure: { readonly error: unknown } | null = null

  /** @param place where the feed ends, as `FeedStore.now` says */
  constructor(parts: FeedParts, place: FeedPlace) {
    this.#parts = parts
    this.#floor = place.position - LOOK_BACK
    this.#head = { place, number: 0 }
  }

  get head(): TailHead {
    return this.#head
  }

  /** Reads once; returns whether there is more. */
  async poll(): Promise<boolean> {
    const { events, next, isAll } = await readEvents(this.#parts, this.#head.place, { isAsked: () => true })
    const { number } = this.#head
    this.#head = { place: next, number: events.length === 0 ? number : number + 1 }
    if (events.length > 0) this.#keep({ events, cursor: encodeCursor(next) })
    return !isAll
  }

  /** Whether whatever may still fill the gaps of a reader will be told here. */
  looksFor({ gaps }: FeedPlace): boolean {
    return rangesOf(gaps).every(([first]) => first > this.#floor)
  }

  /** Nothing comes any more: whoever listens is told why. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.#wake()
  }

  /** Whether everything after this batch is still here. */
  keepsAfter(number: number): boolean {
    return number >= this.#head.number - this.#batches.length
  }

  /**
   * The batch after this one, if there is one.
   *
   * @throws what it failed with
   */
  after(number: number): TailBatch | undefined {
    if (this.#failure) throw this.#failure.error
    return this.#batches[number - (this.#head.number - this.#batches.length)]
  }

  /** Resolves when a batch has come, or nothing will, or after so many milliseconds, or when the signal is aborted. */
  moved(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", done)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, ms))
      signal?.addEventListener("abort", done)
      this.#waiting.add(done)
    })
  }

  #keep(batch: TailBatch): void {
    this.#batches.push(batch)
    this.#kept += batch.events.length
    while (this.#kept > KEPT_MAX && this.#batches.length > 1) {
      this.#kept -= this.#batches.shift()?.events.length ?? 0
    }
    this.#wake()
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
