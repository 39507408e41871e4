/** Grants as they lie in Redis: `<created ms>|<location>:<stock level>, for each line|<record>`. */
import type { Grant } from "../core/allotments.ts"
import type { ReserveCommand } from "../core/commands.ts"
import { toWireId } from "../core/ids.ts"
import { type Metadata, type Reservation, viewReservation } from "../core/model.ts"
import type { Origin } from "../core/origin.ts"

/** Short names: there is one for every live grant, in memory. */
interface StoredRecord {
  /** customerId */
  readonly c?: string
  /** sku and quantity of each line */
  readonly l: readonly (readonly [string, number])[]
  /** ttlSeconds */
  readonly t: number
  /** metadata */
  readonly m?: Metadata
  /** idempotency key and fingerprint */
  readonly k?: readonly [string, string]
  /** origin */
  readonly o?: Origin
}

/** The part that is known before it is granted. */
export function recordOf(command: ReserveCommand): string {
  const record: StoredRecord = {
    ...(command.customerId === null ? {} : { c: command.customerId }),
    l: command.lines.map(({ sku, quantity }) => [sku, quantity]),
    t: command.ttlSeconds,
    ...(isEmpty(command.metadata) ? {} : { m: command.metadata }),
    ...(command.key === null ? {} : { k: [command.key.key, command.key.fingerprint] }),
    ...(command.origin && { o: command.origin }),
  }
  return JSON.stringify(record)
}

/** What is not in its record. */
export function partsOf(stored: string): {
  readonly createdAtMs: number
  readonly locations: readonly string[]
} {
  const [createdMs = "", places = ""] = stored.split("|", 2)
  return { createdAtMs: Number(createdMs), locations: locationsOf(places) }
}

/** Throws when it is not a grant. */
export function parseGrant(id: string, stored: string): Grant {
  const [createdMs = "", places = ""] = stored.split("|", 2)
  const record = JSON.parse(stored.slice(createdMs.length + places.length + 2)) as StoredRecord
  const locations = locationsOf(places)
  const key = record.k ? { key: record.k[0], fingerprint: record.k[1] } : null
  if (!Number.isSafeInteger(Number(createdMs)) || locations.length !== record.l.length) {
    throw new Error(`grant ${id} is not well formed`)
  }
  return {
    id,
    customerId: record.c ?? null,
    lines: record.l.map(([sku, quantity], index) => ({ sku, quantity, location: locations[index] ?? "" })),
    ttlSeconds: record.t,
    createdAtMs: Number(createdMs),
    metadata: record.m ?? {},
    key,
    ...(record.o && { origin: record.o }),
  }
}

/** As it lies in Redis. */
export function storedGrant(createdMs: number, places: string, record: string): string {
  return `${createdMs}|${places}|${record}`
}

/** Units of each stock level, by its id. Throws when it is not a grant. */
export function unitsOf(id: string, stored: string): ReadonlyMap<number, number> {
  const { lines } = parseGrant(id, stored)
  const [, places = ""] = stored.split("|", 2)
  const levelIds = places.split(",").map((place) => Number(place.slice(place.lastIndexOf(":") + 1)))
  const units = new Map<number, number>()
  for (const [index, levelId] of levelIds.entries()) {
    units.set(levelId, (units.get(levelId) ?? 0) + (lines[index]?.quantity ?? 0))
  }
  return units
}

/** Of each line. */
export function locationsOf(places: string): string[] {
  return places.split(",").map((place) => place.slice(0, Math.max(0, place.indexOf(":"))))
}

/** What was granted just now, for this command. */
export function viewGranted(
  { id, customerId, lines, ttlSeconds, metadata }: ReserveCommand,
  { createdAtMs, locations }: { readonly createdAtMs: number; readonly locations: readonly string[] },
): Reservation {
  const createdAt = new Date(createdAtMs)
  const granted = lines.map(({ sku, quantity }, index) => ({
    sku,
    location: locations[index] ?? "",
    quantity,
  }))
  return {
    id: toWireId(id),
    state: "held",
    customerId,
    lines: granted.length === 1 ? granted : granted.sort(bySkuThenLocation),
    ttlSeconds,
    expiresAt: new Date(createdAtMs + ttlSeconds * 1000),
    createdAt,
    updatedAt: createdAt,
    reference: null,
    metadata,
    durability: "provisional",
  }
}

/** How it reads until it is persisted. */
export function viewGrant(grant: Grant, nowMs: number): Reservation {
  const lines = grant.lines.map((line) => ({ ...line, levelId: 0 })).sort(bySkuThenLocation)
  const held = {
    id: grant.id,
    state: "held",
    customerId: grant.customerId,
    lines,
    ttlSeconds: grant.ttlSeconds,
    createdAtMs: grant.createdAtMs,
    expiresAtMs: grant.createdAtMs + grant.ttlSeconds * 1000,
    updatedAtMs: grant.createdAtMs,
    reference: null,
    metadata: grant.metadata,
    idempotencyKey: grant.key?.key ?? null,
    fingerprint: grant.key?.fingerprint ?? null,
  } as const
  return { ...viewReservation(held, nowMs), durability: "provisional" }
}

function isEmpty(metadata: Metadata): boolean {
  for (const _ in metadata) return false
  return true
}

interface Place {
  readonly sku: string
  readonly location: string
}

function bySkuThenLocation(a: Place, b: Place): number {
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  return a.location < b.location ? -1 : 1
}
