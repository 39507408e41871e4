/** Webhooks, and what is owed to them. */
import { sql } from "drizzle-orm"
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core"
import { code, earmark, moment, units } from "./schema-columns.ts"

/** Endpoints that are told of events. Each is a sink, `webhook:<id>`, too: that is where it is in the feed. */
export const webhooks = earmark.table(
  "webhooks",
  {
    id: code("id").primaryKey(),
    url: text("url").notNull(),
    /** Null: of every type. */
    types: text("types").array(),
    /** Null: of every item. */
    skus: text("skus").array(),
    description: text("description"),
    /** What is signed with, the newest first: `{ secret, valid_until_ms }`, the latter null for the newest. */
    secrets: jsonb("secrets").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
    disabledAt: moment("disabled_at"),
    disabledReason: text("disabled_reason"),
    /** Rises with everything that the worker which delivers to it has to hear of. */
    revision: units("revision").notNull().default(1),
    circuitState: text("circuit_state").notNull().default("closed"),
    circuitFailures: integer("circuit_failures").notNull().default(0),
    circuitOpenings: integer("circuit_openings").notNull().default(0),
    circuitUntil: timestamp("circuit_until", { withTimezone: true }),
    deliveredAt: moment("delivered_at"),
    failedAt: moment("failed_at"),
    failure: text("failure"),
    /** The worker that delivers to it. */
    claimedBy: uuid("claimed_by"),
    claimedUntil: timestamp("claimed_until", { withTimezone: true }),
    idempotencyKey: text("idempotency_key"),
    fingerprint: uuid("fingerprint"),
  },
  (t) => [
    check("webhooks_disabled_check", sql`(disabled_at is null) = (disabled_reason is null)`),
    check("webhooks_disabled_reason_check", sql`disabled_reason in ('gone', 'operator')`),
    check("webhooks_circuit_state_check", sql`circuit_state in ('closed', 'open', 'half_open')`),
    check("webhooks_fingerprint_check", sql`(idempotency_key is null) = (fingerprint is null)`),
    unique("webhooks_idempotency_key_key").on(t.idempotencyKey),
  ],
)

/** One event for one endpoint; kept for a while after it has ended. See docs/decisions/0020-webhook-deliveries.md. */
export const webhookDeliveries = earmark.table(
  "webhook_deliveries",
  {
    webhookId: code("webhook_id")
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    /** Rises in the order of the feed. */
    id: bigint("id", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    eventId: text("event_id").notNull(),
    event: json("event").notNull(),
    /** What it is about: of one item, events are sent one after another. */
    skus: text("skus").array().notNull(),
    kind: text("kind").notNull(),
    state: text("state").notNull().default("waiting"),
    attempts: integer("attempts").notNull().default(0),
    /** In a row, since it was asked for. */
    failures: integer("failures").notNull().default(0),
    nextAttemptAt: timestamp("next_attempt_at", { withTimezone: true }).notNull().defaultNow(),
    createdAt: moment("created_at").notNull().defaultNow(),
    settledAt: moment("settled_at"),
  },
  (t) => [
    primaryKey({ name: "webhook_deliveries_pkey", columns: [t.webhookId, t.id] }),
    unique("webhook_deliveries_event_key").on(t.webhookId, t.eventId),
    index("webhook_deliveries_state_idx").on(t.webhookId, t.state, t.id),
    check("webhook_deliveries_kind_check", sql`kind in ('feed', 'again', 'test')`),
    check("webhook_deliveries_state_check", sql`state in ('waiting', 'delivered', 'failed')`),
    check("webhook_deliveries_settled_check", sql`(state = 'waiting') = (settled_at is null)`),
  ],
)

/** What came of each attempt. */
export const webhookAttempts = earmark.table(
  "webhook_attempts",
  {
    webhookId: code("webhook_id").notNull(),
    deliveryId: bigint("delivery_id", { mode: "number" }).notNull(),
    number: integer("number").notNull(),
    at: moment("at").notNull(),
    durationMs: integer("duration_ms").notNull(),
    outcome: text("outcome").notNull(),
    status: integer("status"),
    reason: text("reason"),
    /** How the answer begins. */
    excerpt: text("excerpt").notNull(),
  },
  (t) => [
    primaryKey({ name: "webhook_attempts_pkey", columns: [t.webhookId, t.deliveryId, t.number] }),
    foreignKey({
      name: "webhook_attempts_delivery_fkey",
      columns: [t.webhookId, t.deliveryId],
      foreignColumns: [webhookDeliveries.webhookId, webhookDeliveries.id],
    }).onDelete("cascade"),
  ],
)
