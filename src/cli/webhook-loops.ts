/** The loops of a worker that deliver to webhooks: any number may run; one at a time has an endpoint. */
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { createEventFeed } from "../events/event-feed.ts"
import { addressGuard } from "../events/webhooks/address-guard.ts"
import { openSender } from "../events/webhooks/send.ts"
import { WebhookWorker } from "../events/webhooks/webhook-worker.ts"
import { openPool } from "../postgres/connect.ts"
import { createFeedStore } from "../postgres/feed/feed-store.ts"
import { createSinkStore } from "../postgres/sinks/sink-store.ts"
import { createDeliveryStore } from "../postgres/webhooks/delivery-store.ts"
import { startLoop } from "../worker/loop.ts"
import { tellOncePerOutage } from "./outages.ts"
import type { Backend, ServiceContext } from "./service.ts"
import { readVersion } from "./version.ts"

/** An event that nothing is before is sent about so late. */
const INTERVAL_MS = 250
const PRUNE_INTERVAL_MS = 30_000
/** Connections of their own: what is delivered must not make requests wait for one. */
const POOL_SIZE = 3

/** @returns their names */
export function openWebhookLoops(service: ServiceContext, { metrics }: Backend): readonly string[] {
  const { config, databaseUrl, logger, lifetime } = service
  const pool = openPool({ databaseUrl, max: POOL_SIZE, applicationName: "earmark webhooks" })
  const database = { pool, schema: config.schema, observer: SILENT_OBSERVER }
  const store = createDeliveryStore(database)
  const guard = addressGuard(config.webhookAllow ?? [])
  const sender = openSender({ guard, userAgent: `earmark/${readVersion()}` })
  const failures = tellOncePerOutage(logger, "delivering to webhooks")
  // Of each: what keeps one webhook does not come and go with the others.
  const outages = new Map<string, typeof failures>()
  const outagesOf = (id: string) => {
    const known = outages.get(id) ?? tellOncePerOutage(logger, `delivering to ${id}`)
    outages.set(id, known)
    return known
  }
  const worker = new WebhookWorker({
    feed: createEventFeed(createFeedStore(database), config.eventSource),
    sinks: createSinkStore(database),
    store,
    sender,
    observer: {
      ...metrics.webhooks,
      relayed: (events, refused) => metrics.relayed("webhook", events, refused),
      failed: (error, id) => (id === null ? failures : outagesOf(id)).add(error),
    },
  })
  const pass = async () => {
    const more = await worker.pass()
    failures.over()
    return more
  }
  const delivering = startLoop({ pass, intervalMs: INTERVAL_MS, onFailure: failures.add })
  const pruning = startLoop({
    pass: () => worker.prune(),
    intervalMs: PRUNE_INTERVAL_MS,
    onFailure: failures.add,
  })
  lifetime.onClose(async () => {
    await Promise.all([delivering.stop(), pruning.stop()])
    await worker.stop()
    await sender.close()
    await pool.end()
  })
  return ["webhooks"]
}
