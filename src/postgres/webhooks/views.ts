/** Rows to what is told of webhooks and their deliveries. */
import type {
  AttemptOutcome,
  DeliveryState,
  WebhookAttempt,
  WebhookDelivery,
  WebhookView,
} from "../../engine/webhook-views.ts"
import { milliseconds, textOrNull } from "../rows.ts"
import { listOrNull } from "./lists.ts"

type Row = Record<string, unknown>

/** `w` is its alias. */
export const WEBHOOK_COLUMNS = `
  w.id, w.url, to_json(w.types)::text as types, to_json(w.skus)::text as skus, w.description,
  ${milliseconds("w.disabled_at")} as disabled_at_ms, w.disabled_reason,
  w.circuit_state, ${milliseconds("w.circuit_until")} as circuit_until_ms,
  ${milliseconds("w.delivered_at")} as delivered_at_ms, ${milliseconds("w.failed_at")} as failed_at_ms, w.failure,
  ${milliseconds("w.created_at")} as created_at_ms, ${milliseconds("w.updated_at")} as updated_at_ms,
  w.secrets -> 0 ->> 'secret' as secret, w.fingerprint::text as fingerprint,
  (select count(*) from earmark.webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting`

/** `d` is its alias. */
export const DELIVERY_COLUMNS = `
  d.id, d.webhook_id, d.state, d.event_id, d.event ->> 'type' as event_type, d.event ->> 'subject' as event_subject,
  d.attempts, ${milliseconds("d.next_attempt_at")} as next_attempt_at_ms,
  ${milliseconds("d.created_at")} as created_at_ms, ${milliseconds("d.settled_at")} as settled_at_ms`

export function toWebhook(row: Row): WebhookView {
  const state = row["circuit_state"] as WebhookView["circuit"]["state"]
  const disabledAt = momentOrNull(row["disabled_at_ms"])
  const failedAt = momentOrNull(row["failed_at_ms"])
  return {
    id: String(row["id"]),
    url: String(row["url"]),
    types: listOrNull(row["types"]),
    skus: listOrNull(row["skus"]),
    description: textOrNull(row["description"]),
    disabled: disabledAt && { reason: row["disabled_reason"] as "gone" | "operator", at: disabledAt },
    circuit: { state, until: state === "closed" ? null : momentOrNull(row["circuit_until_ms"]) },
    waiting: Number(row["waiting"]),
    deliveredAt: momentOrNull(row["delivered_at_ms"]),
    lastFailure: failedAt && { at: failedAt, reason: String(row["failure"]) },
    createdAt: moment(row["created_at_ms"]),
    updatedAt: moment(row["updated_at_ms"]),
  }
}

export function toDelivery(row: Row): WebhookDelivery {
  const state = row["state"] as DeliveryState
  return {
    id: Number(row["id"]),
    webhookId: String(row["webhook_id"]),
    state,
    event: {
      id: String(row["event_id"]),
      type: String(row["event_type"]),
      subject: String(row["event_subject"]),
    },
    attempts: Number(row["attempts"]),
    nextAttemptAt: state === "waiting" ? moment(row["next_attempt_at_ms"]) : null,
    createdAt: moment(row["created_at_ms"]),
    settledAt: momentOrNull(row["settled_at_ms"]),
  }
}

export function toAttempt(row: Row): WebhookAttempt {
  return {
    number: Number(row["number"]),
    at: moment(row["at_ms"]),
    durationMs: Number(row["duration_ms"]),
    outcome: row["outcome"] as AttemptOutcome,
    status: row["status"] === null ? null : Number(row["status"]),
    reason: textOrNull(row["reason"]),
    excerpt: String(row["excerpt"]),
  }
}

function moment(ms: unknown): Date {
  return new Date(Number(ms))
}

function momentOrNull(ms: unknown): Date | null {
  return ms === null || ms === undefined ? null : moment(ms)
}
