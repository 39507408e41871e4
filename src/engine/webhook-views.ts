/** What is told of webhooks and their deliveries. */

export const DELIVERY_STATES = ["waiting", "delivered", "failed"] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

export interface WebhookView {
  readonly id: string
  readonly url: string
  /** Null: of every type. */
  readonly types: readonly string[] | null
  /** Null: of every item. */
  readonly skus: readonly string[] | null
  readonly description: string | null
  /** `gone`: it answered 410; `operator`: somebody asked for it. */
  readonly disabled: { readonly reason: "gone" | "operator"; readonly at: Date } | null
  /** While it is open, the endpoint is left alone, but for a probe now and then. */
  readonly circuit: { readonly state: "closed" | "open" | "half_open"; readonly until: Date | null }
  /** Deliveries that are not settled; what comes after them is still in the feed. */
  readonly waiting: number
  readonly deliveredAt: Date | null
  readonly lastFailure: { readonly at: Date; readonly reason: string } | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What is left out stays as it is. */
export interface WebhookChanges {
  readonly url?: string | undefined
  readonly types?: readonly string[] | null | undefined
  readonly skus?: readonly string[] | null | undefined
  readonly description?: string | null | undefined
  readonly disabled?: boolean | undefined
}

export interface WebhookDelivery {
  readonly id: number
  readonly webhookId: string
  readonly state: DeliveryState
  readonly event: { readonly id: string; readonly type: string; readonly subject: string }
  readonly attempts: number
  /** Null when it is settled. */
  readonly nextAttemptAt: Date | null
  readonly createdAt: Date
  readonly settledAt: Date | null
}

export interface WebhookDeliveryDetail extends WebhookDelivery {
  /** As it is sent. */
  readonly body: string
  readonly log: readonly WebhookAttempt[]
}

export interface WebhookAttempt {
  readonly number: number
  readonly at: Date
  readonly durationMs: number
  readonly outcome: AttemptOutcome
  /** Null when no answer began. */
  readonly status: number | null
  readonly reason: string | null
  /** How the answer begins. */
  readonly excerpt: string
}

/** `gone`: 410. `rejected`: any other status. `refused_address`: it does not lead to an address that it may. */
export const ATTEMPT_OUTCOMES = ["delivered", "gone", "rejected", "unreachable", "refused_address"] as const
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number]
