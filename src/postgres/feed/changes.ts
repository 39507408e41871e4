/** What the entries of a page tell of: their journal rows with the reservations, and the levels as they were before. */
import type { Grant, RevocationReason } from "../../core/allotments.ts"
import type { Balances, Change, LostReservation, ReservationFacts } from "../../core/events/changes.ts"
import type { Origin } from "../../core/origin.ts"
import type { JournalKind } from "../../core/stock-book.ts"
import { type IdValues, idValues } from "../id-range.ts"
import { milliseconds, textOrNull, toMetadata } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"
import type { EntryRow } from "./entries.ts"

type Row = Record<string, unknown>

/** The columns of a change, for `select`: of a journal row `j`. */
export const CHANGE_COLUMNS = `
  j.stock_level_id, j.version, j.kind, j.on_hand_delta, j.held_delta, j.on_hand, j.held, j.safety_stock,
  ${milliseconds("j.occurred_at")} as occurred_at_ms, j.reason, j.reference,
  ${milliseconds("j.expires_at")} as expires_at_ms, j.allotted, j.origin::text as origin,
  j.reservation_id::text as reservation_id,
  case j.kind when 'extended' then (
    select r.quantities[array_position(r.stock_level_ids, j.stock_level_id)]
    from earmark.reservations r
    where r.id = j.reservation_id
  ) end as extended_quantity`

/** Of its level `s`. */
export const LEVEL_COLUMNS = "s.sku, s.location, s.low_stock_threshold"

/** Joins the level with that id as `s`, by one look into each index. */
export const joinLevel = (id: string) => `
   cross join lateral (
     select l.sku, l.location, i.low_stock_threshold
     from earmark.stock_levels l join earmark.items i on i.sku = l.sku
     where l.id = ${id}
     limit 1
   ) s`

/** Of what does not change about its reservation `r`. */
export const FACTS_COLUMNS = `
  r.customer_id, r.ttl_seconds, ${milliseconds("r.created_at")} as created_at_ms,
  ${milliseconds("r.expires_at")} as last_expires_at_ms, r.metadata::text as metadata`

/** The levels and the reservations are read apart, each once: looked up for each change they cost as much as all the rest. */
const readChanges = defineStatement<
  [periods: string, levels: string, firstVersions: string, lastVersions: string]
>(
  "read_feed_changes",
  `select ${CHANGE_COLUMNS}
   from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[]) as w(period, level, first, last)
   cross join lateral (
     select *
     from earmark.journal
     where stock_level_id = w.level and version between w.first and w.last and period = w.period
   ) j`,
)

const readReservations = defineStatement<IdValues>(
  "read_feed_reservations",
  `select r.id::text as id, ${FACTS_COLUMNS}
   from earmark.reservations r
   where r.id = any($1::uuid[]) and r.id between $2::uuid and $3::uuid`,
)

const readLevels = defineStatement<[levels: string, versions: string]>(
  "read_feed_levels",
  `select w.level, ${LEVEL_COLUMNS}, coalesce(p.on_hand, c.on_hand, 0) as on_hand, coalesce(p.held, c.held, 0) as held,
     coalesce(p.safety_stock, c.safety_stock, 0) as safety_stock, coalesce(a.allotted, c.allotted, 0) as allotted
   from unnest($1::int[], $2::bigint[]) as w(level, version)
   ${joinLevel("w.level")}
   left join lateral (
     select j.on_hand, j.held, j.safety_stock
     from earmark.journal j
     where j.stock_level_id = w.level and j.version = w.version - 1
     limit 1
   ) p on true
   left join lateral (
     select j.allotted
     from earmark.journal j
     where j.stock_level_id = w.level and j.version < w.version and j.allotted is not null
     order by j.version desc
     limit 1
   ) a on true
   left join lateral (select * from earmark.carried_over where stock_level_id = w.level limit 1) c on true`,
)

const readLost = defineStatement<[ids: string]>(
  "read_lost_reservations",
  `select v.id::text as id, v.reason, v.granted::text as granted, ${milliseconds("v.revoked_at")} as revoked_at_ms
   from earmark.revocations v
   where v.id = any($1::uuid[])`,
)

const readSkus = defineStatement<[levels: string]>(
  "read_skus_of_levels",
  "select distinct l.sku from earmark.stock_levels l where l.id = any($1::int[])",
)

export function changesStatement(schema: string, entries: readonly EntryRow[]): Statement {
  const ranges = rangesOf(entries)
  return readChanges(
    schema,
    arrayOf(ranges.map(({ period }) => period)),
    arrayOf(ranges.map(({ levelId }) => levelId)),
    arrayOf(ranges.map(({ first }) => first)),
    arrayOf(ranges.map(({ last }) => last)),
  )
}

interface VersionRange {
  readonly period: number
  readonly levelId: number
  readonly first: number
  last: number
}

/** What entries tell of one level follows on, but for gaps: one look into the journal instead of one for each entry. */
function rangesOf(entries: readonly EntryRow[]): VersionRange[] {
  const ranges: VersionRange[] = []
  const latest = new Map<number, VersionRange>()
  for (const { period, levelIds, firstVersions, lastVersions } of entries) {
    for (const [index, levelId] of levelIds.entries()) {
      const first = firstVersions[index] ?? 0
      const last = lastVersions[index] ?? 0
      const before = latest.get(levelId)
      if (before?.period === period && before.last + 1 === first) {
        before.last = last
        continue
      }
      const range = { period, levelId, first, last }
      ranges.push(range)
      latest.set(levelId, range)
    }
  }
  return ranges
}

/**
 * The changes of each entry, in the order in which it names them: who stopped between two events of an entry goes on there.
 */
export function changesByEntry(entries: readonly EntryRow[], changes: readonly Change[]): Change[][] {
  const levels = new Map<number, Map<number, Change>>()
  for (const change of changes) {
    const versions = levels.get(change.levelId) ?? new Map<number, Change>()
    levels.set(change.levelId, versions.set(change.version, change))
  }
  return entries.map(({ levelIds, firstVersions, lastVersions }) => {
    const told: Change[] = []
    for (const [index, levelId] of levelIds.entries()) {
      const versions = levels.get(levelId)
      const last = lastVersions[index] ?? 0
      for (let version = firstVersions[index] ?? 0; version <= last; version += 1) {
        const change = versions?.get(version)
        if (change) told.push(change)
      }
    }
    return told
  })
}

/** @param firstVersions of each level, the first version that is told of */
export function levelsStatement(schema: string, firstVersions: ReadonlyMap<number, number>): Statement {
  return readLevels(schema, arrayOf([...firstVersions.keys()]), arrayOf([...firstVersions.values()]))
}

/** @param changes rows of `changesStatement` */
export function reservationsStatement(schema: string, changes: readonly Row[]): Statement {
  const ids = new Set(changes.flatMap((row) => textOrNull(row["reservation_id"]) ?? []))
  return readReservations(schema, ...idValues([...ids]))
}

export function lostStatement(schema: string, entries: readonly EntryRow[]): Statement {
  return readLost(schema, arrayOf(entries.flatMap(({ revokedIds }) => revokedIds)))
}

export function skusStatement(schema: string, levels: ReadonlySet<number>): Statement {
  return readSkus(schema, arrayOf([...levels]))
}

/** @param read rows of the statements above; a reservation that is not among them was dropped by retention */
export function toChanges(
  read: Readonly<Record<"changes" | "levels" | "reservations", readonly Row[]>>,
): Change[] {
  const levels = new Map(read.levels.map((row) => [Number(row["level"]), toLevel(row)]))
  const reservations = new Map(read.reservations.map((row) => [row["id"], toFacts(row)]))
  return read.changes.flatMap((row) => {
    const level = levels.get(Number(row["stock_level_id"]))
    return level ? toChange(row, level, reservations.get(row["reservation_id"]) ?? null) : []
  })
}

/** What a level's changes have in common. */
export type ToldLevel = Pick<Change, "sku" | "location" | "lowStockThreshold">

/** @param reservation null: it is no change of one, or of one that is gone */
export function toChange(row: Row, level: ToldLevel, reservation: ReservationFacts | null): Change {
  return {
    levelId: Number(row["stock_level_id"]),
    sku: level.sku,
    location: level.location,
    version: Number(row["version"]),
    kind: row["kind"] as JournalKind,
    onHandDelta: Number(row["on_hand_delta"]),
    heldDelta: Number(row["held_delta"]),
    onHand: Number(row["on_hand"]),
    held: Number(row["held"]),
    safetyStock: Number(row["safety_stock"]),
    occurredAtMs: Number(row["occurred_at_ms"]),
    reason: textOrNull(row["reason"]),
    reference: textOrNull(row["reference"]),
    expiresAtMs: numberOrNull(row["expires_at_ms"]),
    allotted: numberOrNull(row["allotted"]),
    origin: row["origin"] === null ? null : (JSON.parse(String(row["origin"])) as Origin),
    reservationId: textOrNull(row["reservation_id"]),
    extendedQuantity: numberOrNull(row["extended_quantity"]),
    lowStockThreshold: level.lowStockThreshold,
    reservation,
  }
}

export function toLevel(row: Row): ToldLevel {
  return {
    sku: String(row["sku"]),
    location: String(row["location"]),
    lowStockThreshold: numberOrNull(row["low_stock_threshold"]),
  }
}

export function toFacts(row: Row): ReservationFacts {
  return {
    customerId: textOrNull(row["customer_id"]),
    ttlSeconds: Number(row["ttl_seconds"]),
    createdAtMs: Number(row["created_at_ms"]),
    expiresAtMs: Number(row["last_expires_at_ms"]),
    metadata: toMetadata(row["metadata"]),
  }
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value)
}

export function toBefore(rows: readonly Row[]): Map<number, Balances> {
  return new Map(
    rows.map((row) => [
      Number(row["level"]),
      {
        onHand: Number(row["on_hand"]),
        held: Number(row["held"]),
        safetyStock: Number(row["safety_stock"]),
        allotted: Number(row["allotted"]),
      },
    ]),
  )
}

export function toLost(row: Row): LostReservation {
  return {
    id: String(row["id"]),
    reason: row["reason"] as RevocationReason,
    revokedAtMs: Number(row["revoked_at_ms"]),
    grant: JSON.parse(String(row["granted"])) as Grant,
  }
}
