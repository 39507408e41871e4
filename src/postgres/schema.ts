/**
 * The tables. Migrations are generated from here (`npx drizzle-kit generate`) and committed as SQL; what Drizzle cannot
 * say (partitions, triggers, fill factors) is written into them, or into migrations beside them, by hand.
 *
 * Every constraint and index has a name, because faults are told apart by name and never by message.
 */
import { sql } from "drizzle-orm"
import {
  bigint,
  check,
  index,
  integer,
  json,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"
import { code, earmark, moment, units } from "./schema-columns.ts"

export { webhookAttempts, webhookDeliveries, webhooks } from "./schema-webhooks.ts"

export const items = earmark.table("items", {
  sku: code("sku").primaryKey(),
  name: text("name").notNull(),
  description: text("description"),
  imageUrl: text("image_url"),
  metadata: json("metadata"),
  /** With fewer available units at a location it counts as low on stock there; null: never. */
  lowStockThreshold: units("low_stock_threshold"),
  createdAt: moment("created_at").notNull().defaultNow(),
  updatedAt: moment("updated_at").notNull().defaultNow(),
})

export const locations = earmark.table("locations", {
  code: code("code").primaryKey(),
  name: text("name").notNull(),
  priority: integer("priority").notNull(),
  metadata: json("metadata"),
  createdAt: moment("created_at").notNull().defaultNow(),
  updatedAt: moment("updated_at").notNull().defaultNow(),
})

export const stockLevels = earmark.table(
  "stock_levels",
  {
    id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
    sku: code("sku")
      .notNull()
      .references(() => items.sku),
    location: code("location")
      .notNull()
      .references(() => locations.code),
    onHand: units("on_hand").notNull().default(0),
    held: units("held").notNull().default(0),
    safetyStock: units("safety_stock").notNull().default(0),
    version: units("version").notNull().default(0),
  },
  (t) => [
    unique("stock_levels_sku_location_key").on(t.sku, t.location),
    // Promise S1, also against a statement typed by hand.
    check("stock_levels_held_check", sql`held >= 0 and held <= on_hand`),
    check("stock_levels_on_hand_check", sql`on_hand <= 1000000000000`),
    check("stock_levels_safety_stock_check", sql`safety_stock between 0 and 1000000000000`),
    check("stock_levels_version_check", sql`version >= 0`),
  ],
)

/** A period of the books: what was written in it can be dropped as a whole. */
export const periods = earmark.table(
  "periods",
  {
    id: integer("id").primaryKey(),
    startsAt: moment("starts_at").notNull(),
    endsAt: moment("ends_at").notNull(),
    openedAt: moment("opened_at"),
    closedAt: moment("closed_at"),
    keysDroppedAt: moment("keys_dropped_at"),
    reservationsDroppedAt: moment("reservations_dropped_at"),
    journalDroppedAt: moment("journal_dropped_at"),
    /** The last position of the feed that was dropped with the journal. */
    feedThrough: units("feed_through"),
  },
  () => [
    check("periods_ends_at_check", sql`ends_at > starts_at`),
    check("periods_closed_at_check", sql`closed_at is null or closed_at >= opened_at`),
    uniqueIndex("periods_open_key").on(sql`(true)`).where(sql`opened_at is not null and closed_at is null`),
  ],
)

/** Partitioned by id, which begins with the time. */
export const reservations = earmark.table(
  "reservations",
  {
    id: uuid("id").primaryKey(),
    state: text("state").notNull(),
    customerId: text("customer_id"),
    /** The lines: levels and, in the same order, quantities. */
    stockLevelIds: integer("stock_level_ids").array().notNull(),
    quantities: integer("quantities").array().notNull(),
    ttlSeconds: integer("ttl_seconds").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    reference: text("reference"),
    metadata: json("metadata"),
  },
  (t) => [
    check("reservations_state_check", sql`state in ('held', 'confirmed', 'released', 'expired')`),
    check("reservations_expires_at_check", sql`expires_at > created_at`),
    check(
      "reservations_lines_check",
      sql`cardinality(stock_level_ids) > 0 and cardinality(stock_level_ids) = cardinality(quantities)`,
    ),
    check("reservations_quantities_check", sql`coalesce(0 < all(quantities), false)`),
    // What changes when a hold ends is in no index, so that the row is rewritten in place.
    index("reservations_customer_idx").on(t.customerId, t.id).where(sql`customer_id is not null`),
  ],
)

/** The lines of reservations that are held, and nothing else. */
export const holds = earmark.table(
  "holds",
  {
    stockLevelId: integer("stock_level_id").notNull(),
    expiresAt: moment("expires_at").notNull(),
    reservationId: uuid("reservation_id").notNull(),
    quantity: integer("quantity").notNull(),
  },
  (t) => [
    // Finds the overdue of one level.
    primaryKey({ name: "holds_pkey", columns: [t.stockLevelId, t.expiresAt, t.reservationId] }),
    check("holds_quantity_check", sql`quantity > 0`),
    index("holds_deadline_idx").on(t.expiresAt),
  ],
)

/** Promise S4. Partitioned by period: a closed one takes nothing any more, so the open one's key is unique over all. */
export const idempotencyKeys = earmark.table(
  "idempotency_keys",
  {
    digest: uuid("digest").notNull(),
    reservationId: uuid("reservation_id").notNull(),
    fingerprint: uuid("fingerprint").notNull(),
    period: integer("period").notNull(),
  },
  (t) => [primaryKey({ name: "idempotency_keys_pkey", columns: [t.digest, t.period] })],
)

export const adjustments = earmark.table(
  "adjustments",
  {
    id: uuid("id").primaryKey(),
    stockLevelId: integer("stock_level_id")
      .notNull()
      .references(() => stockLevels.id),
    /** Of the journal row. */
    version: units("version").notNull(),
    delta: units("delta").notNull(),
    idempotencyKey: text("idempotency_key"),
    fingerprint: uuid("fingerprint"),
  },
  (t) => [
    check("adjustments_delta_check", sql`delta <> 0`),
    check("adjustments_fingerprint_check", sql`(idempotency_key is null) = (fingerprint is null)`),
    uniqueIndex("adjustments_idempotency_key").on(t.idempotencyKey).where(sql`idempotency_key is not null`),
  ],
)

/** Partitioned by period. */
export const journal = earmark.table(
  "journal",
  {
    stockLevelId: integer("stock_level_id").notNull(),
    version: units("version").notNull(),
    kind: text("kind").notNull(),
    reservationId: uuid("reservation_id"),
    adjustmentId: uuid("adjustment_id"),
    onHandDelta: units("on_hand_delta").notNull(),
    heldDelta: units("held_delta").notNull(),
    onHand: units("on_hand").notNull(),
    held: units("held").notNull(),
    safetyStock: units("safety_stock").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    reason: text("reason"),
    reference: text("reference"),
    period: integer("period").notNull(),
    /** The deadline, where this set one. */
    expiresAt: moment("expires_at"),
    /** Units allotted to Redis afterwards, where this changed them. */
    allotted: units("allotted"),
    /** Who asked, and in which trace. */
    origin: json("origin"),
  },
  (t) => [
    index("journal_allotted_idx").on(t.stockLevelId, t.version).where(sql`allotted is not null`),
    primaryKey({ name: "journal_pkey", columns: [t.stockLevelId, t.version, t.period] }),
    check("journal_version_check", sql`version >= 1`),
    check("journal_held_check", sql`held >= 0 and held <= on_hand`),
    check(
      "journal_kind_check",
      sql`case kind
        when 'held' then reservation_id is not null and on_hand_delta = 0 and held_delta > 0
        when 'confirmed' then reservation_id is not null and on_hand_delta = held_delta and held_delta < 0
        when 'released' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'expired' then reservation_id is not null and on_hand_delta = 0 and held_delta < 0
        when 'extended' then reservation_id is not null and on_hand_delta = 0 and held_delta = 0
        when 'adjusted' then adjustment_id is not null and on_hand_delta <> 0 and held_delta = 0
        when 'safety_stock_set' then on_hand_delta = 0 and held_delta = 0
        when 'allotted' then reservation_id is null and on_hand_delta = 0 and held_delta > 0
        when 'drawn' then reservation_id is null and on_hand_delta = 0 and held_delta < 0
        when 'given_back' then reservation_id is null and on_hand_delta = 0 and held_delta < 0
        else false
      end`,
    ),
  ],
)

/**
 * In which order the journal is told of, as it was written: one row for each statement that wrote there. Partitioned by
 * period, with the journal. See docs/decisions/0015-the-feed.md.
 */
export const feed = earmark.table(
  "feed",
  {
    /** Taken while the levels are locked, so that it rises with the versions of each level. */
    position: units("position").notNull(),
    /** Says, together with the position, that this is still the same history. */
    writtenAt: timestamp("written_at", { withTimezone: true }).notNull(),
    period: integer("period").notNull(),
    rows: integer("rows").notNull(),
    /** The levels, and of each the versions that were written. */
    stockLevelIds: integer("stock_level_ids").array().notNull(),
    firstVersions: units("first_versions").array().notNull(),
    lastVersions: units("last_versions").array().notNull(),
    /** Reservations that could not be kept; these have no journal row. */
    revokedIds: uuid("revoked_ids").array().notNull(),
  },
  (t) => [primaryKey({ name: "feed_pkey", columns: [t.position, t.period] })],
)

/** Where each sink of events is. */
export const sinks = earmark.table(
  "sinks",
  {
    name: text("name").primaryKey(),
    /** Everything up to here was handed on. */
    cursor: text("cursor").notNull(),
    movedAt: timestamp("moved_at", { withTimezone: true }).notNull().defaultNow(),
    /** Since when it does not move, why, and how often that was tried. */
    failingSince: timestamp("failing_since", { withTimezone: true }),
    failure: text("failure"),
    failures: integer("failures").notNull().default(0),
    /** The relay that hands on to it. */
    claimedBy: uuid("claimed_by"),
    claimedUntil: timestamp("claimed_until", { withTimezone: true }),
  },
  () => [check("sinks_failure_check", sql`(failing_since is null) = (failure is null)`)],
)

/** Events that a sink refused for good. */
export const deadEvents = earmark.table(
  "dead_events",
  {
    id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    sink: text("sink").notNull(),
    event: json("event").notNull(),
    reason: text("reason").notNull(),
    refusedAt: timestamp("refused_at", { withTimezone: true }).notNull().defaultNow(),
    /** When somebody asked that it is handed on once more. */
    askedAt: timestamp("asked_at", { withTimezone: true }),
  },
  (t) => [index("dead_events_sink_idx").on(t.sink, t.id)],
)

/** What came of checking the laws: the last of them. */
export const verifications = earmark.table("verifications", {
  id: bigint("id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  at: timestamp("at", { withTimezone: true }).notNull().defaultNow(),
  durationMs: integer("duration_ms").notNull(),
  /** Of the program that checked. */
  version: text("version").notNull(),
  laws: json("laws").notNull(),
})

/** A level as the last dropped part of its journal left it, and what dropped reservations had sold of it. */
export const carriedOver = earmark.table("carried_over", {
  stockLevelId: integer("stock_level_id")
    .primaryKey()
    .references(() => stockLevels.id),
  version: units("version").notNull(),
  onHand: units("on_hand").notNull(),
  held: units("held").notNull(),
  safetyStock: units("safety_stock").notNull(),
  sold: units("sold").notNull(),
  /** Of `held`, what was allotted to Redis. */
  allotted: units("allotted").notNull().default(0),
})

/** Items that Redis grants from memory, and how many units of each of their levels it should have ready. */
export const hotItems = earmark.table(
  "hot_items",
  {
    sku: code("sku")
      .primaryKey()
      .references(() => items.sku),
    /** 0: it is cooling down, or has. */
    target: units("target").notNull(),
    changedAt: moment("changed_at").notNull().defaultNow(),
  },
  () => [check("hot_items_target_check", sql`target between 0 and 1000000000000`)],
)

/** Units of a level that Redis may grant, or has granted and Postgres has not seen; they are in `held` of the level. */
export const allotments = earmark.table(
  "allotments",
  {
    stockLevelId: integer("stock_level_id")
      .primaryKey()
      .references(() => stockLevels.id),
    epoch: integer("epoch").notNull(),
    units: units("units").notNull(),
    allottedTotal: units("allotted_total").notNull(),
    returnedTotal: units("returned_total").notNull(),
  },
  () => [check("allotments_units_check", sql`units >= 0 and units + returned_total <= allotted_total`)],
)

/** What Postgres says of each shard of Redis, which may grant only while it is open, and only in this epoch. */
export const redisShards = earmark.table(
  "redis_shards",
  {
    shard: integer("shard").primaryKey(),
    epoch: integer("epoch").notNull(),
    state: text("state").notNull(),
    changedAt: moment("changed_at").notNull().defaultNow(),
    /** When some worker last had an answer from it. */
    seenAt: moment("seen_at").notNull().defaultNow(),
    /** Who is at work on it, to spare others the same work. */
    claimedBy: uuid("claimed_by"),
    claimedUntil: moment("claimed_until"),
  },
  () => [check("redis_shards_state_check", sql`state in ('open', 'fenced')`)],
)

/** One row: what this schema's keys in Redis begin with. Made by chance, so that two databases may share a Redis. */
export const redisSpace = earmark.table("redis_space", {
  space: text("space").primaryKey(),
})

/** Reservations that were acknowledged as provisional and could not be kept. */
export const revocations = earmark.table(
  "revocations",
  {
    id: uuid("id").primaryKey(),
    epoch: integer("epoch").notNull(),
    reason: text("reason").notNull(),
    /** What was acknowledged. */
    granted: json("granted").notNull(),
    revokedAt: moment("revoked_at").notNull().defaultNow(),
  },
  () => [check("revocations_reason_check", sql`reason in ('lost', 'late', 'key_claimed')`)],
)
