/** The one place where what the engine answers becomes what the wire carries: members by name, moments as RFC 3339. */
import type { Reservation, StockLevelView } from "../core/model.ts"
import type {
  Availability,
  HoldsSummary,
  ItemView,
  LocationLevel,
  LocationView,
  Page,
} from "../engine/views.ts"
import type { WireHoldsSummary } from "../protocol/holds.ts"
import type { WireAvailability, WireItem, WireLocationLevel } from "../protocol/items.ts"
import type { WireLocation } from "../protocol/locations.ts"
import type { WireReservation } from "../protocol/reservations.ts"
import type { WireStockLevel } from "../protocol/stock.ts"

export function reservationToWire(view: Reservation): WireReservation {
  return {
    id: view.id,
    state: view.state,
    customerId: view.customerId,
    lines: view.lines.map(({ sku, location, quantity }) => ({ sku, location, quantity })),
    ttlSeconds: view.ttlSeconds,
    expiresAt: moment(view.expiresAt),
    createdAt: moment(view.createdAt),
    updatedAt: moment(view.updatedAt),
    reference: view.reference,
    metadata: view.metadata,
    durability: view.durability,
  }
}

export function stockLevelToWire(view: StockLevelView): WireStockLevel {
  const { sku, location, onHand, held, safetyStock, available, version } = view
  return { sku, location, onHand, held, safetyStock, available, version }
}

export function itemToWire(view: ItemView): WireItem {
  return {
    sku: view.sku,
    name: view.name,
    description: view.description,
    imageUrl: view.imageUrl,
    metadata: view.metadata,
    lowStockThreshold: view.lowStockThreshold,
    available: view.available,
    onHand: view.onHand,
    held: view.held,
    locations: view.locations.map(levelToWire),
    createdAt: moment(view.createdAt),
    updatedAt: moment(view.updatedAt),
  }
}

export function availabilityToWire(view: Availability): WireAvailability {
  const { sku, available, onHand, held } = view
  return { sku, available, onHand, held, locations: view.locations.map(levelToWire), asOf: moment(view.asOf) }
}

export function holdsSummaryToWire(view: HoldsSummary): WireHoldsSummary {
  const { holds, units, isEstimate, boundsSeconds, byAge, byTimeLeft, overdue } = view
  return {
    holds,
    units,
    isEstimate,
    boundsSeconds: [...boundsSeconds],
    byAge: [...byAge],
    byTimeLeft: [...byTimeLeft],
    overdue,
  }
}

export function locationToWire(view: LocationView): WireLocation {
  const { code, name, priority, metadata } = view
  return {
    code,
    name,
    priority,
    metadata,
    createdAt: moment(view.createdAt),
    updatedAt: moment(view.updatedAt),
  }
}

export function pageToWire<View, Wire>(page: Page<View>, toWire: (view: View) => Wire) {
  return { data: page.data.map(toWire), nextCursor: page.nextCursor }
}

function levelToWire(level: LocationLevel): WireLocationLevel {
  const { location, onHand, held, safetyStock, available, version } = level
  return { location, onHand, held, safetyStock, available, version }
}

/** The header of what may come from a read replica. */
export function asOfToWire({ asOf }: { readonly asOf: Date }): Record<string, string> {
  return { "as-of": asOf.toISOString() }
}

/** Texts that are kept: a batch has one moment in which it was made and hardly more in which its holds end. */
const MOMENTS_KEPT_MAX = 64
const moments = new Map<number, string>()

/** What was made together shares its moments, and writing one down costs as much as the rest of a reservation. */
function moment(date: Date): string {
  const ms = date.getTime()
  const kept = moments.get(ms)
  if (kept !== undefined) return kept
  if (moments.size >= MOMENTS_KEPT_MAX) moments.clear()
  const text = date.toISOString()
  moments.set(ms, text)
  return text
}
