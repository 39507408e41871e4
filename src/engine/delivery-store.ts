/** What is owed to webhooks, as the workers that deliver need it. Times are in milliseconds from now: a worker's clock is its own. */
import type { EarmarkEvent } from "../core/events/event.ts"
import type { AttemptOutcome } from "./webhook-views.ts"

export interface DeliveryStore {
  /** All webhooks, as this worker sees them. */
  endpoints(owner: string): Promise<readonly StoredEndpoint[]>
  /** Those of them that are this worker's alone for a while from now. */
  claim(owner: string, ids: readonly string[]): Promise<readonly string[]>
  release(owner: string, ids: readonly string[]): Promise<void>
  /** Owes it these events, in this order; those that are owed already, or were delivered, stay as they are. */
  enqueue(id: string, owner: string, events: readonly OwedEvent[]): Promise<Enqueued>
  /** What is owed, in order. */
  waiting(
    id: string,
    after: { readonly id: number; readonly limit: number },
  ): Promise<readonly WaitingDelivery[]>
  record(id: string, owner: string, report: DeliveryReport): Promise<void>
  /** Drops some of what was settled long ago, or is more than is kept; returns how many. */
  prune(id: string): Promise<number>
  status(): Promise<WebhooksStatus>
}

/** All webhooks together. */
export interface WebhooksStatus {
  readonly enabled: number
  readonly disabled: number
  /** Of the enabled ones, those that are left alone for a while. */
  readonly failing: number
  /** Deliveries that are not settled. */
  readonly waiting: number
}

/** `lost`: it is another worker's, disabled or deleted, and nothing was owed. */
export type Enqueued = "owed" | "lost"

export interface OwedEvent {
  readonly event: EarmarkEvent
  readonly skus: readonly string[]
}

export interface StoredEndpoint {
  readonly id: string
  readonly url: string
  readonly types: readonly string[] | null
  readonly skus: readonly string[] | null
  /** The newest first. */
  readonly secrets: readonly { readonly secret: string; readonly goodForMs: number | null }[]
  readonly isDisabled: boolean
  readonly revision: number
  readonly circuit: StoredCircuit
  /** Whose it is: this worker's, another's, or nobody's. */
  readonly claim: "ours" | "taken" | "free"
}

export interface StoredCircuit {
  readonly state: "closed" | "open" | "half_open"
  readonly failures: number
  readonly openings: number
  readonly untilInMs: number
}

/** `feed`: in the order of its items. `again`: somebody asked for it, beside the order. `test`: beside everything. */
export type DeliveryKind = "feed" | "again" | "test"

export interface WaitingDelivery {
  readonly id: number
  readonly kind: DeliveryKind
  readonly eventId: string
  readonly body: string
  readonly skus: readonly string[]
  readonly attempts: number
  readonly failures: number
  readonly dueInMs: number
}

export interface DeliveryReport {
  readonly attempts: readonly ReportedAttempt[]
  readonly circuit: StoredCircuit
  /** It wants nothing any more. */
  readonly isGone: boolean
}

export interface ReportedAttempt {
  readonly deliveryId: number
  /** From 1, of all attempts of this delivery. */
  readonly number: number
  readonly outcome: AttemptOutcome
  readonly status: number | null
  readonly reason: string | null
  readonly excerpt: string
  readonly durationMs: number
  readonly verdict: Verdict
}

/** What becomes of the delivery. */
export type Verdict =
  | { readonly state: "delivered" }
  | { readonly state: "failed" }
  | { readonly state: "waiting"; readonly pauseMs: number }
