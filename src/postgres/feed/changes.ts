/** What the entries of a page tell of: their journal rows with the reservations, and the levels as they were before. */
import type { Grant, RevocationReason } from "../../core/allotments.ts"
import type { Balances, Change, LostReservation } from "../../core/events/changes.ts"
import type { Origin } from "../../core/origin.ts"
import type { JournalKind } from "../../core/stock-book.ts"
import { milliseconds, textOrNull, toMetadata } from "../rows.ts"
import { arrayOf, defineStatement, type Statement } from "../statement.ts"
import type { EntryRow } from "./entries.ts"

type Row = Record<string, unknown>

/** The columns of a change, for `select`: of a journal row `j`, its level `s` and its reservation `r`. */
export const CHANGE_COLUMNS = `
  j.stock_level_id, s.sku, s.location, j.version, j.kind, j.on_hand_delta, j.held_delta, j.on_hand, j.held, j.safety_stock,
  ${milliseconds("j.occurred_at")} as occurred_at_ms, j.reason, j.reference,
  ${milliseconds("j.expires_at")} as expires_at_ms, j.allotted, j.origin::text as origin,
  j.adjustment_id::text as adjustment_id, j.reservation_id::text as reservation_id, s.low_stock_threshold,
  r.customer_id, r.ttl_seconds, ${milliseconds("r.created_at")} as created_at_ms,
  ${milliseconds("r.expires_at")} as last_expires_at_ms, r.metadata::text as metadata,
  r.quantities[array_position(r.stock_level_ids, j.stock_level_id)] as quantity`

/** Joins what `CHANGE_COLUMNS` needs of a journal row `j`, each by one look into an index. */
export const CHANGE_JOINS = `
   cross join lateral (
     select l.sku, l.location, i.low_stock_threshold
     from earmark.stock_levels l join earmark.items i on i.sku = l.sku
     where l.id = j.stock_level_id
     limit 1
   ) s
   left join lateral (select * from earmark.reservations where id = j.reservation_id limit 1) r on true`

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
   ) j
   ${CHANGE_JOINS}`,
)

const readBefore = defineStatement<[levels: string, versions: string]>(
  "read_levels_before",
  `select l.level, coalesce(p.on_hand, c.on_hand, 0) as on_hand, coalesce(p.held, c.held, 0) as held,
     coalesce(p.safety_stock, c.safety_stock, 0) as safety_stock, coalesce(a.allotted, c.allotted, 0) as allotted
   from unnest($1::int[], $2::bigint[]) as l(level, version)
   left join lateral (
     select j.on_hand, j.held, j.safety_stock
     from earmark.journal j
     where j.stock_level_id = l.level and j.version = l.version - 1
     limit 1
   ) p on true
   left join lateral (
     select j.allotted
     from earmark.journal j
     where j.stock_level_id = l.level and j.version < l.version and j.allotted is not null
     order by j.version desc
     limit 1
   ) a on true
   left join lateral (select * from earmark.carried_over where stock_level_id = l.level limit 1) c on true`,
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
export function changesByEntry(entries: readonly EntryRow[], rows: readonly Row[]): Change[][] {
  const levels = new Map<number, Map<number, Change>>()
  for (const row of rows) {
    const change = toChange(row)
    const versions = levels.get(change.levelId) ?? new Map<number, Change>()
    levels.set(change.levelId, versions.set(change.version, change))
  }
  return entries.map(({ levelIds, firstVersions, lastVersions }) => {
    const changes: Change[] = []
    for (const [index, levelId] of levelIds.entries()) {
      const versions = levels.get(levelId)
      const last = lastVersions[index] ?? 0
      for (let version = firstVersions[index] ?? 0; version <= last; version += 1) {
        const change = versions?.get(version)
        if (change) changes.push(change)
      }
    }
    return changes
  })
}

/** @param firstVersions of each level, the first version that is told of */
export function beforeStatement(schema: string, firstVersions: ReadonlyMap<number, number>): Statement {
  return readBefore(schema, arrayOf([...firstVersions.keys()]), arrayOf([...firstVersions.values()]))
}

export function lostStatement(schema: string, entries: readonly EntryRow[]): Statement {
  return readLost(schema, arrayOf(entries.flatMap(({ revokedIds }) => revokedIds)))
}

export function skusStatement(schema: string, levels: ReadonlySet<number>): Statement {
  return readSkus(schema, arrayOf([...levels]))
}

export function toChange(row: Row): Change {
  const number = (column: string) => Number(row[column])
  const numberOrNull = (column: string) => (row[column] === null ? null : Number(row[column]))
  return {
    levelId: number("stock_level_id"),
    sku: String(row["sku"]),
    location: String(row["location"]),
    version: number("version"),
    kind: row["kind"] as JournalKind,
    onHandDelta: number("on_hand_delta"),
    heldDelta: number("held_delta"),
    onHand: number("on_hand"),
    held: number("held"),
    safetyStock: number("safety_stock"),
    occurredAtMs: number("occurred_at_ms"),
    reason: textOrNull(row["reason"]),
    reference: textOrNull(row["reference"]),
    expiresAtMs: numberOrNull("expires_at_ms"),
    allotted: numberOrNull("allotted"),
    origin: row["origin"] === null ? null : (JSON.parse(String(row["origin"])) as Origin),
    adjustmentId: textOrNull(row["adjustment_id"]),
    reservationId: textOrNull(row["reservation_id"]),
    lowStockThreshold: numberOrNull("low_stock_threshold"),
    reservation:
      row["ttl_seconds"] === null
        ? null
        : {
            customerId: textOrNull(row["customer_id"]),
            ttlSeconds: number("ttl_seconds"),
            createdAtMs: number("created_at_ms"),
            expiresAtMs: number("last_expires_at_ms"),
            metadata: toMetadata(row["metadata"]),
            quantity: number("quantity"),
          },
  }
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
