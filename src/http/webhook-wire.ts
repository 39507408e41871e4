/** Webhooks and deliveries as the wire carries them. */
import type { WebhookDelivery, WebhookDeliveryDetail, WebhookView } from "../engine/webhook-views.ts"
import type { WithSecret } from "../engine/webhooks.ts"
import type {
  WireDelivery,
  WireDeliveryDetail,
  WireWebhook,
  WireWebhookWithSecret,
} from "../protocol/webhooks.ts"

const DELIVERY_PREFIX = "dlv_"

export function webhookToWire(view: WebhookView): WireWebhook {
  const { id, url, types, skus, description, disabled, circuit, waiting, lastFailure } = view
  return {
    id,
    url,
    types: types && [...types],
    skus: skus && [...skus],
    description,
    state: disabled === null ? "enabled" : "disabled",
    disabledReason: disabled?.reason ?? null,
    disabledAt: disabled?.at.toISOString() ?? null,
    circuit: { state: circuit.state, until: momentOrNull(circuit.until) },
    waiting,
    deliveredAt: momentOrNull(view.deliveredAt),
    lastFailure: lastFailure && { at: lastFailure.at.toISOString(), reason: lastFailure.reason },
    createdAt: view.createdAt.toISOString(),
    updatedAt: view.updatedAt.toISOString(),
  }
}

export function withSecretToWire({ webhook, secret }: WithSecret): WireWebhookWithSecret {
  return { ...webhookToWire(webhook), secret }
}

export function deliveryToWire(view: WebhookDelivery): WireDelivery {
  const { id, state, event, attempts } = view
  return {
    id: DELIVERY_PREFIX + id,
    state,
    event,
    attempts,
    nextAttemptAt: momentOrNull(view.nextAttemptAt),
    createdAt: view.createdAt.toISOString(),
    settledAt: momentOrNull(view.settledAt),
  }
}

export function deliveryDetailToWire(view: WebhookDeliveryDetail): WireDeliveryDetail {
  return {
    ...deliveryToWire(view),
    body: JSON.parse(view.body),
    log: view.log.map(({ at, ...attempt }) => ({ ...attempt, at: at.toISOString() })),
  }
}

/** Null for one that was never given. */
export function deliveryIdOf(wireId: string): number | null {
  const digits = /^dlv_([1-9]\d{0,14})$/.exec(wireId)?.[1]
  return digits === undefined ? null : Number(digits)
}

function momentOrNull(date: Date | null): string | null {
  return date?.toISOString() ?? null
}
