/** Events: what happened to stock and to reservations, as CloudEvents 1.0. */
import type { RevocationReason } from "../allotments.ts"
import type { Metadata } from "../model.ts"
import type { State } from "../states.ts"

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
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Of the shapes below. A change that a reader of this version could not understand gets the next one. */
export const EVENT_SHAPES_VERSION = 1

interface CloudEvent<Type extends EventType, Data> {
  readonly specversion: "1.0"
  /** The same for the same change, however often it is told. */
  readonly id: string
  readonly source: string
  readonly type: Type
  /** The reservation's id, or `sku/location`. */
  readonly subject: string
  /** When it happened, on the database's clock. */
  readonly time: string
  readonly datacontenttype: "application/json"
  readonly dataschema: string
  /** Of the request that caused it, if that had one. */
  readonly traceparent?: string
  readonly data: Data
}

/** A stock level after a change. */
export interface EventLevel {
  readonly sku: string
  readonly location: string
  /** 1, 2, 3 ... without a gap, of each stock level. */
  readonly version: number
  readonly onHand: number
  /** For reservations; what Redis may grant is not counted. */
  readonly held: number
  readonly safetyStock: number
  readonly available: number
}

export interface EventLine extends EventLevel {
  readonly quantity: number
}

export interface EventReservation {
  readonly id: string
  readonly state: State
  readonly customerId: string | null
  readonly ttlSeconds: number
  readonly createdAt: string
  readonly expiresAt: string
  readonly metadata: Metadata
}

export interface TransitionData {
  /** Null when retention has dropped the reservation since. */
  readonly reservation: EventReservation | { readonly id: string; readonly state: State }
  readonly lines: readonly EventLine[]
  readonly reference: string | null
  readonly reason: string | null
  readonly actor: string | null
}

export interface RevokedData {
  readonly reservation: Omit<EventReservation, "state">
  readonly lines: readonly { readonly sku: string; readonly location: string; readonly quantity: number }[]
  readonly reason: RevocationReason
  /** Who had reserved. */
  readonly actor: string | null
}

export interface LevelData {
  readonly level: EventLevel
  readonly actor: string | null
}

export interface AdjustedData extends LevelData {
  readonly delta: number
  readonly reason: string | null
  readonly reference: string | null
}

export interface AllotmentData extends LevelData {
  /** Units that were handed to Redis, or came back, or became reservations there. */
  readonly delta: number
  readonly allotted: number
}

export const CROSSINGS = ["sold_out", "back_in_stock", "low_stock"] as const
export type Crossing = (typeof CROSSINGS)[number]

export interface AvailabilityData extends LevelData {
  readonly crossing: Crossing
  readonly availableBefore: number
  /** For `low_stock`: fewer units than this are available. */
  readonly threshold: number | null
  /** The event that tells what happened. */
  readonly cause: { readonly id: string; readonly type: EventType }
}

export type TransitionType = `reservation.${"held" | "confirmed" | "released" | "expired" | "extended"}`

export type EarmarkEvent =
  | { [T in TransitionType]: CloudEvent<T, TransitionData> }[TransitionType]
  | CloudEvent<"reservation.revoked", RevokedData>
  | CloudEvent<"stock.adjusted", AdjustedData>
  | CloudEvent<"stock.safety_stock_set", LevelData>
  | CloudEvent<"stock.allotment_changed", AllotmentData>
  | CloudEvent<"stock.availability_changed", AvailabilityData>

/** Every item that an event is about, each once. */
export function skusOf(event: EarmarkEvent): string[] {
  const { data } = event
  return "lines" in data ? [...new Set(data.lines.map(({ sku }) => sku))] : [data.level.sku]
}
