/** Migrates an empty database as far as version 0.1.0 did, and writes as that version wrote, under the guards it had. */
import { hash, randomUUID } from "node:crypto"
import { readFile } from "node:fs/promises"
import type pg from "pg"
import {
  ADJUSTMENTS,
  type FormerAdjustment,
  type FormerReservation,
  LEVELS,
  type LevelName,
  RESERVATIONS,
  SAFETY_STOCK,
} from "./former-shop.ts"

const MIGRATIONS = ["0000_tables", "0001_guards"]

/** @param nowMs what the times of the shop count from */
export async function makeFormerShop(pool: pg.Pool, nowMs: number): Promise<void> {
  await migrateAsBefore(pool)
  await pool.query(`
    insert into earmark.items (sku, name) values ('MUG', 'Mug'), ('CUP', 'Cup');
    insert into earmark.locations (code, name, priority) values ('LAX', 'LAX', 1), ('JFK', 'JFK', 2)`)
  for (const { sku, location } of Object.values(LEVELS)) {
    await pool.query("insert into earmark.stock_levels (sku, location) values ($1, $2)", [sku, location])
  }
  for (const adjustment of ADJUSTMENTS) await writeAdjustment(pool, adjustment, nowMs)
  await writeEntry(pool, "CUP_LAX", { kind: "safety_stock_set", atMs: nowMs, safetyStock: SAFETY_STOCK })
  for (const reservation of RESERVATIONS) await writeReservation(pool, reservation, nowMs)
}

async function migrateAsBefore(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create schema earmark;
    create table earmark.migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
  for (const name of MIGRATIONS) {
    const file = new URL(`../../src/postgres/migrations/${name}.sql`, import.meta.url)
    const sql = await readFile(file, "utf8")
    await pool.query(sql)
    const checksum = hash("sha256", sql, "hex")
    await pool.query("insert into earmark.migrations (name, checksum) values ($1, $2)", [name, checksum])
  }
}

async function writeAdjustment(pool: pg.Pool, adjustment: FormerAdjustment, atMs: number): Promise<void> {
  const { level, delta, reason, reference, key } = adjustment
  const id = randomUUID()
  await pool.query(
    `insert into earmark.adjustments (id, stock_level_id, delta, idempotency_key, fingerprint)
     values ($1, $2, $3, $4, $5)`,
    [id, LEVELS[level].id, delta, key?.key, key?.fingerprint],
  )
  const entry = { kind: "adjusted", adjustmentId: id, onHandDelta: delta, atMs, reason, reference }
  await writeEntry(pool, level, entry)
}

async function writeReservation(pool: pg.Pool, made: FormerReservation, nowMs: number): Promise<void> {
  const { id, state, lines, extended, reason, reference, metadata, key } = made
  await pool.query(
    `insert into earmark.reservations
       (id, state, customer_id, ttl_seconds, created_at, expires_at, updated_at, reference, metadata,
        idempotency_key, fingerprint)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[id, state, made.customerId, made.ttlSeconds],
      ...[made.createdInMs, made.expiresInMs, made.updatedInMs].map((ms) => new Date(nowMs + ms)),
      ...[reference, metadata, key?.key, key?.fingerprint],
    ],
  )
  for (const { level, quantity } of lines) {
    await pool.query(
      `insert into earmark.reservation_lines (reservation_id, stock_level_id, quantity, held_until)
       select id, $2, $3, case when state = 'held' then expires_at end from earmark.reservations where id = $1`,
      [id, LEVELS[level].id, quantity],
    )
    const heldAtMs = nowMs + made.createdInMs
    await writeEntry(pool, level, { kind: "held", reservationId: id, heldDelta: quantity, atMs: heldAtMs })
    const later = { reservationId: id, atMs: nowMs + made.updatedInMs, reason, reference }
    if (extended) await writeEntry(pool, level, { kind: "extended", ...later })
    if (state === "held") continue
    const sold = state === "confirmed" ? -quantity : 0
    await writeEntry(pool, level, { kind: state, heldDelta: -quantity, onHandDelta: sold, ...later })
  }
}

interface Entry {
  readonly kind: string
  readonly atMs: number
  readonly reservationId?: string
  readonly adjustmentId?: string
  readonly onHandDelta?: number
  readonly heldDelta?: number
  readonly safetyStock?: number
  readonly reason?: string | undefined
  readonly reference?: string | undefined
}

async function writeEntry(pool: pg.Pool, level: LevelName, entry: Entry): Promise<void> {
  const { onHandDelta = 0, heldDelta = 0 } = entry
  await pool.query(
    `with s as (
       update earmark.stock_levels
       set on_hand = on_hand + $2, held = held + $3, safety_stock = coalesce($4, safety_stock), version = version + 1
       where id = $1
       returning *
     )
     insert into earmark.journal
       (stock_level_id, version, kind, reservation_id, adjustment_id, on_hand_delta, held_delta, on_hand, held,
        safety_stock, occurred_at, reason, reference)
     select id, version, $5, $6, $7, $2, $3, on_hand, held, safety_stock, $8, $9, $10 from s`,
    [
      ...[LEVELS[level].id, onHandDelta, heldDelta, entry.safetyStock],
      ...[entry.kind, entry.reservationId, entry.adjustmentId],
      ...[new Date(entry.atMs), entry.reason, entry.reference],
    ],
  )
}
