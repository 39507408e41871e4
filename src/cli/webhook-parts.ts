/** The operations on webhooks over a pool. */
import type pg from "pg"
import type { Config } from "../config/read-config.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import type { Webhooks } from "../engine/webhooks.ts"
import { createEventFeed } from "../events/event-feed.ts"
import { addressGuard } from "../events/webhooks/address-guard.ts"
import { openWebhooks } from "../events/webhooks/open-webhooks.ts"
import { createFeedStore } from "../postgres/feed/feed-store.ts"
import { createWebhookStore } from "../postgres/webhooks/webhook-store.ts"

export function openWebhooksOver(
  pool: pg.Pool,
  { schema, eventSource, webhookAllow }: Pick<Config, "schema" | "eventSource" | "webhookAllow">,
): Webhooks {
  const database = { pool, schema, observer: SILENT_OBSERVER }
  return openWebhooks({
    store: createWebhookStore(database),
    feed: createEventFeed(createFeedStore(database), eventSource),
    guard: addressGuard(webhookAllow ?? []),
    source: eventSource,
  })
}
