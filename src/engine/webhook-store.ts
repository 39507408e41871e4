/** Webhooks and what is owed to them, as they are kept. */

import type { Page } from "./views.ts"
import type { WebhookChanges, WebhookDelivery, WebhookDeliveryDetail, WebhookView } from "./webhook-views.ts"

/** What those who look after webhooks ask for. Null: there is no such webhook, or no such delivery. */
export interface WebhookStore {
  /** Its place in the feed is made with it; null when there are too many already. */
  add(webhook: NewWebhook): Promise<KeptWebhook | null>
  /** The one that came with this key. */
  ofKey(idempotencyKey: string): Promise<(KeptWebhook & { readonly fingerprint: string }) | null>
  list(request: {
    readonly limit?: number | undefined
    readonly cursor?: string | undefined
  }): Promise<Page<WebhookView>>
  get(id: string): Promise<WebhookView | null>
  /** Enabling, or another url, begins anew: with a closed circuit, and with everything that waits due at once. */
  change(id: string, changes: WebhookChanges): Promise<WebhookView | null>
  /** With its deliveries, its place in the feed, and its dead letters. */
  remove(id: string): Promise<boolean>
  /** The former secrets stay good for so long. */
  addSecret(id: string, secret: string, overlapSeconds: number): Promise<WebhookView | null>
  /** Owes it one event outside of the feed. */
  addTest(id: string, event: { readonly id: string; readonly json: string }): Promise<WebhookDelivery | null>
  deliveries(id: string, filter: DeliveryFilter): Promise<Page<WebhookDelivery> | null>
  delivery(id: string, deliveryId: number): Promise<WebhookDeliveryDetail | null>
  /** Owes it once more; one that waits is due at once. */
  redeliver(id: string, deliveryId: number): Promise<WebhookDelivery | null>
}

export interface NewWebhook {
  readonly id: string
  readonly url: string
  readonly types: readonly string[] | null
  readonly skus: readonly string[] | null
  readonly description: string | null
  readonly secret: string
  /** Where in the feed it begins. */
  readonly cursor: string
  readonly key: { readonly idempotencyKey: string; readonly fingerprint: string } | null
}

export interface KeptWebhook {
  readonly webhook: WebhookView
  /** The newest. */
  readonly secret: string
}

export interface DeliveryFilter {
  readonly state?: WebhookDelivery["state"] | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}
