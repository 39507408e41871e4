/** What a page's address says of what it shows, as the router has parsed it: anybody may have typed it. */
import type { Reservation } from "earmark/client"

type Raw = Readonly<Record<string, unknown>>

const RESERVATION_STATES = [
  "held",
  "confirmed",
  "released",
  "expired",
] as const satisfies readonly Reservation["state"][]

/** A filter that is left out is not in the address either. */
export interface StockFilter {
  readonly q?: string
  readonly location?: string
}

export function stockFilter(raw: Raw): StockFilter {
  return { ...textOf("q", raw), ...textOf("location", raw) }
}

export interface ReservationsFilter {
  readonly state?: Reservation["state"]
  readonly customerId?: string
  readonly sku?: string
}

export function reservationsFilter(raw: Raw): ReservationsFilter {
  const state = RESERVATION_STATES.find((one) => one === raw["state"])
  return { ...(state && { state }), ...textOf("customerId", raw), ...textOf("sku", raw) }
}

export interface EventsFilter {
  readonly sku?: string
  readonly reservationId?: string
  readonly type?: string
}

export function eventsFilter(raw: Raw): EventsFilter {
  return { ...textOf("sku", raw), ...textOf("reservationId", raw), ...textOf("type", raw) }
}

export function searchText(raw: Raw): { readonly q?: string } {
  return textOf("q", raw)
}

/** The router reads `123` as a number, which a sku may be too. */
function textOf<Name extends string>(name: Name, raw: Raw): { readonly [N in Name]?: string } {
  const value = raw[name]
  const isSaid = (typeof value === "string" && value !== "") || typeof value === "number"
  return isSaid ? ({ [name]: String(value) } as { readonly [N in Name]: string }) : {}
}
