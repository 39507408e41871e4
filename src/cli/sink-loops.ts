/** Hands events on to the sinks that are configured, in the worker: each by a loop of its own, so that none waits for another. */
import type { Sink } from "../engine/sink.ts"
import { FEED_START } from "../events/cursor.ts"
import { Relay } from "../events/relay.ts"
import { startLoop } from "../worker/loop.ts"
import { tellOncePerOutage } from "./outages.ts"
import type { Backend, ServiceContext } from "./service.ts"

/** Between two looks for events when there are none. */
const RELAY_INTERVAL_MS = 100

/** @returns the names of the loops */
export function openSinkLoops(
  service: ServiceContext,
  backend: Backend,
  configured: readonly Sink[],
): readonly string[] {
  for (const sink of configured) openSinkLoop(service, backend, sink)
  return configured.map(({ name }) => name)
}

/** Whoever begins to listen wants to know all that can still be told. */
function openSinkLoop(
  { logger, lifetime }: ServiceContext,
  { feed, sinks, metrics }: Backend,
  sink: Sink,
): void {
  const failures = tellOncePerOutage(logger, `handing events on to ${sink.name}`)
  const relay = new Relay({
    feed,
    sinks,
    sink,
    onDelivered(delivered, refused) {
      metrics.relayed(sink.name, delivered, refused)
      if (refused > 0)
        logger.error({ sink: sink.name, refused }, "events were refused for good: earmark events dead")
    },
  })
  let isOpen = false
  const pass = async () => {
    if (!isOpen) await sinks.open(sink.name, FEED_START)
    isOpen = true
    const more = await relay.pass()
    failures.over()
    return more
  }
  const loop = startLoop({ pass, intervalMs: RELAY_INTERVAL_MS, onFailure: failures.add })
  lifetime.onClose(async () => {
    await loop.stop()
    await relay.stop()
  })
}
