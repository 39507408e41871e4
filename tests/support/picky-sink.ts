/** A sink of events that takes what it likes, and a relay to it. */
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { EventFeed } from "../../src/engine/event-feed.ts"
import type { Sink } from "../../src/engine/sink.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { Relay } from "../../src/events/relay.ts"

/** Refuses everything for its reason, or remembers it when there is none. */
export class PickySink implements Sink {
  readonly name = "kafka"
  readonly told: EarmarkEvent[] = []
  reason: string | null = "too large"

  async deliver(events: readonly EarmarkEvent[]) {
    const { reason } = this
    if (reason !== null) return events.map((event) => ({ event, reason }))
    this.told.push(...events)
    return []
  }

  async close() {}
}

/** A relay looks what was asked for when it begins, and then every few seconds. */
export async function relayOnce([sinks, feed]: readonly [SinkStore, EventFeed], sink: Sink): Promise<void> {
  const relay = new Relay({ feed, sinks, sink })
  await relay.pass()
  await relay.stop()
}
