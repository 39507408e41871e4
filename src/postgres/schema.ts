/**
 * The tables. Migrations are generated from here (`npx drizzle-kit generate`) and committed as SQL; what Drizzle cannot
 * say (triggers, fill factors) stands in hand-written migrations beside them.
 *
 * Every constraint and index has a name, because faults are told apart by name and never by message.
 */
import { sql } from "drizzle-orm"
import {
  bigint,
  check,
  customType,
  index,
  integer,
  json,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core"

/** Codes compare by byte, so that orders and cursors are the same on every server and comparing them is cheap. */
const code = customType<{ data: string }>({ dataType: () => 'text collate "C"' })
const units = (name: string) => bigint(name, { mode: "number" })
/** Whole milliseconds: the wire says exactly what is enforced. */
const moment = (name: string) => timestamp(name, { precision: 3, withTimezone: true })

/** Migrating replaces the name by the configured schema. Not exported, so that no migration creates it. */
const earmark = pgSchema("earmark")

export const items = earmark.table("items", {
  sku: code("sku").primaryKey(),
  name: text("name").notNull(),
  description: text("description"),
  imageUrl: text("image_url"),
  metadata: json("metadata"),
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

export const reservations = earmark.table(
  "reservations",
  {
    id: uuid("id").primaryKey(),
    state: text("state").notNull(),
    customerId: text("customer_id"),
    ttlSeconds: integer("ttl_seconds").notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    reference: text("reference"),
    metadata: json("metadata"),
    idempotencyKey: text("idempotency_key"),
    fingerprint: text("fingerprint"),
  },
  (t) => [
    check("reservations_state_check", sql`state in ('held', 'confirmed', 'released', 'expired')`),
    check("reservations_expires_at_check", sql`expires_at > created_at`),
    check("reservations_fingerprint_check", sql`(idempotency_key is null) = (fingerprint is null)`),
    // Promise S4.
    uniqueIndex("reservations_idempotency_key").on(t.idempotencyKey).where(sql`idempotency_key is not null`),
    index("reservations_deadline_idx").on(t.expiresAt, t.id).where(sql`state = 'held'`),
    index("reservations_customer_idx").on(t.customerId, t.id).where(sql`customer_id is not null`),
  ],
)

// Lines and journal refer to levels and reservations without foreign keys, which are checked row by row and would
// cost a third of the rate. The guards check a whole statement at once, and nothing referred to is ever deleted.
export const reservationLines = earmark.table(
  "reservation_lines",
  {
    reservationId: uuid("reservation_id").notNull(),
    stockLevelId: integer("stock_level_id").notNull(),
    quantity: integer("quantity").notNull(),
    /** The reservation's deadline while it is held, null once it has ended: finds the overdue of one level. */
    heldUntil: moment("held_until"),
  },
  (t) => [
    primaryKey({ name: "reservation_lines_pkey", columns: [t.reservationId, t.stockLevelId] }),
    check("reservation_lines_quantity_check", sql`quantity > 0`),
    index("reservation_lines_deadline_idx")
      .on(t.stockLevelId, t.heldUntil)
      .where(sql`held_until is not null`),
  ],
)

export const adjustments = earmark.table(
  "adjustments",
  {
    id: uuid("id").primaryKey(),
    stockLevelId: integer("stock_level_id")
      .notNull()
      .references(() => stockLevels.id),
    delta: units("delta").notNull(),
    idempotencyKey: text("idempotency_key"),
    fingerprint: text("fingerprint"),
  },
  (t) => [
    check("adjustments_delta_check", sql`delta <> 0`),
    check("adjustments_fingerprint_check", sql`(idempotency_key is null) = (fingerprint is null)`),
    uniqueIndex("adjustments_idempotency_key").on(t.idempotencyKey).where(sql`idempotency_key is not null`),
  ],
)

export const journal = earmark.table(
  "journal",
  {
    stockLevelId: integer("stock_level_id").notNull(),
    version: units("version").notNull(),
    kind: text("kind").notNull(),
    reservationId: uuid("reservation_id"),
    adjustmentId: uuid("adjustment_id").references(() => adjustments.id),
    onHandDelta: units("on_hand_delta").notNull(),
    heldDelta: units("held_delta").notNull(),
    onHand: units("on_hand").notNull(),
    held: units("held").notNull(),
    safetyStock: units("safety_stock").notNull(),
    occurredAt: moment("occurred_at").notNull(),
    reason: text("reason"),
    reference: text("reference"),
  },
  (t) => [
    primaryKey({ name: "journal_pkey", columns: [t.stockLevelId, t.version] }),
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
        else false
      end`,
    ),
  ],
)
