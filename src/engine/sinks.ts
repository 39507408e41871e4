/** The sinks of events, for whoever looks after them: how they are, what they refused, and handing that on again. */
import type { EventFeed } from "./event-feed.ts"
import { readSinkStatus, type SinkStatus } from "./sink-status.ts"
import type { DeadEvent, SinkStore } from "./sink-store.ts"
import type { Page, PageRequest } from "./views.ts"

export interface Sinks {
  status(): Promise<readonly SinkStatus[]>
  /** Oldest first. Null: there is no such sink. */
  deadEvents(name: string, request: PageRequest): Promise<Page<DeadEvent> | null>
  /** Asks the relay to hand these on once more, or all of them; returns how many. Null: there is no such sink. */
  replay(name: string, ids: readonly number[] | undefined): Promise<number | null>
}

export function openSinks(store: SinkStore, feed: EventFeed): Sinks {
  return {
    status: () => readSinkStatus(store, feed),
    deadEvents: async (name, request) => ((await store.exists(name)) ? store.deadPage(name, request) : null),
    replay: async (name, ids) => ((await store.exists(name)) ? store.askAgain({ sink: name, ids }) : null),
  }
}

/** Of a process that hands on nothing. */
export const NO_SINKS: Sinks = {
  status: async () => [],
  deadEvents: async () => null,
  replay: async () => null,
}
