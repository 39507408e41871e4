/** A relay in a process of its own that kills itself at one step; its plan comes as JSON in its argument. */
import type { EventFeed } from "../../src/engine/event-feed.ts"
import { SILENT_OBSERVER } from "../../src/engine/ports.ts"
import type { Sink } from "../../src/engine/sink.ts"
import type { SinkStore } from "../../src/engine/sink-store.ts"
import { createEventFeed } from "../../src/events/event-feed.ts"
import { Relay } from "../../src/events/relay.ts"
import { createFeedStore } from "../../src/postgres/feed/feed-store.ts"
import { createSinkStore } from "../../src/postgres/sinks/sink-store.ts"
import { openTestPool } from "./database.ts"
import type { RelayPlan, RelayStep } from "./dying-relay-process.ts"
import { openFileSink } from "./file-sink.ts"

const plan = JSON.parse(process.argv[2] ?? "") as RelayPlan
const database = { pool: openTestPool(plan.url, 2), schema: "earmark", observer: SILENT_OBSERVER }
const sinks = createSinkStore(database)
const feed = createEventFeed(createFeedStore(database), "/earmark")
const sink = openFileSink(plan.sink, plan.path)

const dieAt = (step: RelayStep) => {
  if (plan.step === step) process.kill(process.pid, "SIGKILL")
}

const dyingFeed: EventFeed = {
  ...feed,
  async next(after) {
    dieAt("claimed")
    const page = await feed.next(after, plan.pageMax)
    dieAt("read")
    return page
  },
}
const dyingSink: Sink = {
  ...sink,
  async deliver(events) {
    const half = Math.ceil(events.length / 2)
    await sink.deliver(events.slice(0, half))
    dieAt("half sent")
    await sink.deliver(events.slice(half))
    dieAt("sent")
    return []
  },
}
const dyingStore: SinkStore = {
  ...sinks,
  async move(name, owner, step) {
    const moving = sinks.move(name, owner, step)
    dieAt("moving")
    const isOurs = await moving
    dieAt("moved")
    return isOurs
  },
}

const relay = new Relay({ feed: dyingFeed, sinks: dyingStore, sink: dyingSink })
while (await relay.pass()) {
  // Until it dies, or everything was told.
}
await relay.stop()
await database.pool.end()
