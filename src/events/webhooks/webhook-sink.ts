/** An endpoint as a sink of the feed: what it wants to hear of is owed to it, and is sent from there. */
import { skusOf } from "../../core/events/event.ts"
import type { DeliveryStore, OwedEvent, StoredEndpoint } from "../../engine/delivery-store.ts"
import type { Sink } from "../../engine/sink.ts"

function sinkName(webhookId: string): string {
  return `webhook:${webhookId}`
}

export interface WebhookSinkParts {
  readonly owner: string
  readonly store: DeliveryStore
  readonly endpoint: () => StoredEndpoint
}

export function webhookSink({ owner, store, endpoint }: WebhookSinkParts): Sink {
  const { id } = endpoint()
  return {
    name: sinkName(id),
    async deliver(events) {
      const wanted = events
        .map((event) => ({ event, skus: skusOf(event) }))
        .filter((owed) => isWanted(owed, endpoint()))
      if (wanted.length === 0) return []
      const enqueued = await store.enqueue(id, owner, wanted)
      if (enqueued === "lost") throw new Error("the webhook was changed, or is another worker's by now")
      return []
    },
    close: async () => {},
  }
}

function isWanted({ event, skus }: OwedEvent, endpoint: StoredEndpoint): boolean {
  return (
    (endpoint.types?.includes(event.type) ?? true) &&
    (endpoint.skus === null || skus.some((sku) => endpoint.skus?.includes(sku)))
  )
}
