import type { Event } from "earmark/client"

/** `satisfies` holds it to the types that there are. */
export const EVENT_TYPES = [
  "reservation.held",
  "reservation.confirmed",
  "reservation.released",
  "reservation.expired",
  "reservation.extended",
  "reservation.revoked",
  "stock.adjusted",
  "stock.safety_stock_set",
  "stock.allotment_changed",
  "stock.availability_changed",
] as const satisfies readonly Event["type"][]
