/** How the sinks are: how far behind each is, and why. */
import type { EventFeed } from "./event-feed.ts"
import type { SinkStore, StoredSink } from "./sink-store.ts"

export interface SinkStatus extends StoredSink {
  /** How long the oldest event that it was not told of has been waiting; 0 while it is to be told of nothing. */
  readonly lagSeconds: number
}

export async function readSinkStatus(sinks: SinkStore, feed: EventFeed): Promise<SinkStatus[]> {
  const stored = await sinks.list()
  return Promise.all(
    stored.map(async (sink) => ({
      ...sink,
      lagSeconds: sink.isDisabled ? 0 : await feed.lagSeconds(sink.cursor),
    })),
  )
}
