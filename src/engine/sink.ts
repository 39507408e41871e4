/** Where events go: a system outside that is told of everything, in order. */
import type { EarmarkEvent } from "../core/events/event.ts"

export interface Sink {
  /** What its place in the feed is kept under. */
  readonly name: string
  /**
   * Hands on these events, in this order; each may have come before. Resolves once all of them are safely there, with those
   * that the other side will never take. Rejects when it is away: all of them come again, some of them perhaps for the
   * second time.
   */
  deliver(events: readonly EarmarkEvent[]): Promise<readonly RefusedEvent[]>
  close(): Promise<void>
}

/** An event that a sink refuses for good: it is kept as a dead letter, and the rest goes on. */
export interface RefusedEvent {
  readonly event: EarmarkEvent
  readonly reason: string
}
