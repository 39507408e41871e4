import type { Event } from "earmark/client"
import type { Tone } from "../../ui/badge.tsx"

/** Total: a type of event that is new does not compile until it is here. */
export const TONE_OF_TYPE: Readonly<Record<Event["type"], Tone>> = {
  "reservation.held": "warn",
  "reservation.confirmed": "good",
  "reservation.released": "neutral",
  "reservation.expired": "neutral",
  "reservation.extended": "warn",
  "reservation.revoked": "bad",
  "stock.adjusted": "neutral",
  "stock.safety_stock_set": "neutral",
  "stock.allotment_changed": "neutral",
  "stock.availability_changed": "bad",
}

export const EVENT_TYPES = Object.keys(TONE_OF_TYPE) as readonly Event["type"][]
