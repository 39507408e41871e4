/** The operations on webhooks, for whoever may make them. */
import type { InvalidRequest, KeyReused } from "../core/commands.ts"
import type { Page, PageRequest } from "./views.ts"
import type { DeliveryFilter } from "./webhook-store.ts"
import type { WebhookChanges, WebhookDelivery, WebhookDeliveryDetail, WebhookView } from "./webhook-views.ts"

export interface Webhooks {
  add(request: AddWebhookRequest): Promise<AddWebhookOutcome>
  list(request: PageRequest): Promise<Page<WebhookView>>
  get(id: string): Promise<WebhookView | null>
  change(id: string, changes: WebhookChanges): Promise<ChangeWebhookOutcome>
  remove(id: string): Promise<boolean>
  /** Signs with both until the former secret is good no more. */
  rotateSecret(id: string, overlapSeconds: number): Promise<WithSecret | null>
  /** Sends an event that nobody else is told of. */
  test(id: string): Promise<WebhookDelivery | null>
  deliveries(id: string, filter: DeliveryFilter): Promise<Page<WebhookDelivery> | null>
  delivery(id: string, deliveryId: number): Promise<WebhookDeliveryDetail | null>
  redeliver(id: string, deliveryId: number): Promise<WebhookDelivery | null>
}

export interface AddWebhookRequest {
  readonly url: string
  readonly types?: readonly string[] | undefined
  readonly skus?: readonly string[] | undefined
  readonly description?: string | undefined
  readonly idempotencyKey?: string | undefined
}

export interface WithSecret {
  readonly webhook: WebhookView
  readonly secret: string
}

export type AddWebhookOutcome =
  | (WithSecret & { readonly outcome: "made" | "replayed" })
  | InvalidRequest
  | KeyReused

export type ChangeWebhookOutcome =
  | { readonly outcome: "changed"; readonly webhook: WebhookView }
  | { readonly outcome: "webhook_not_found" }
  | InvalidRequest
