/**
 * What a page's address says of what it shows, as the router has parsed it: anybody may have typed it. What a route's
 * `validateSearch` leaves out the router hands over all the same, so each page parses it once more.
 */
import type { Delivery, Reservation } from "earmark/client"

type Raw = Readonly<Record<string, unknown>>

export const RESERVATION_STATES = [
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

export const DELIVERY_STATES = [
  "waiting",
  "delivered",
  "failed",
] as const satisfies readonly Delivery["state"][]

export interface DeliveriesFilter {
  readonly state?: Delivery["state"]
}

export function deliveriesFilter(raw: Raw): DeliveriesFilter {
  const state = DELIVERY_STATES.find((one) => one === raw["state"])
  return state ? { state } : {}
}

export function searchText(raw: Raw): { readonly q?: string } {
  return textOf("q", raw)
}

function textOf<Name extends string>(name: Name, raw: Raw): { readonly [N in Name]?: string } {
  const value = raw[name]
  const isSaid = typeof value === "string" && value !== ""
  return isSaid ? ({ [name]: value } as { readonly [N in Name]: string }) : {}
}

/** What is undefined is left out of the address. */
export function stated<Filter extends object>(
  filter: Filter,
): { [Name in keyof Filter]?: NonNullable<Filter[Name]> } {
  const said = Object.entries(filter).filter(([, value]) => value !== undefined)
  return Object.fromEntries(said) as { [Name in keyof Filter]?: NonNullable<Filter[Name]> }
}
