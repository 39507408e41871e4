/** What goes over the wire and comes back, by the names that callers know it by. The shapes are those of `protocol`. */
import type { EarmarkEvent, EventsInput, WireEventPage } from "../protocol/events.ts"
import type { WireExplanation, WireExplanationWithHolders } from "../protocol/explain.ts"
import type { WireHealth } from "../protocol/health.ts"
import type { WireHoldsSummary } from "../protocol/holds.ts"
import type { HotItemBody, WireHotItem, WireHotItemList } from "../protocol/hot-items.ts"
import type { ItemBody, ItemFilterInput, WireAvailability, WireItem } from "../protocol/items.ts"
import type {
  StockJournalInput,
  WireJournalEntry,
  WireReservationJournal,
  WireStockJournalPage,
} from "../protocol/journal.ts"
import type { WireLiveMessage } from "../protocol/live.ts"
import type { LocationBody, LocationFilterInput, WireLocation } from "../protocol/locations.ts"
import type {
  ConfirmBody,
  ExtendBody,
  ReleaseBody,
  ReservationBody,
  ReservationFilterInput,
  WireReservation,
} from "../protocol/reservations.ts"
import type {
  DeadLetterFilter,
  ReplayBody,
  WireDeadLetter,
  WireReplayAnswer,
  WireSink,
  WireSinkList,
} from "../protocol/sinks.ts"
import type { WireStatistics } from "../protocol/statistics.ts"
import type { AdjustmentBody, StockLevelBody, WireStockLevel } from "../protocol/stock.ts"
import type { SaleBody, WireSale, WireTheatre } from "../protocol/theatre.ts"
import type { WireTime } from "../protocol/time.ts"
import type {
  VerificationFilter as FilterOfVerifications,
  WireVerification,
  WireVerificationList,
} from "../protocol/verifications.ts"
import type {
  DeliveryFilter,
  RotateBody,
  WebhookBody,
  WebhookChangesBody,
  WebhookFilter,
  WireDelivery,
  WireDeliveryDetail,
  WireWebhook,
  WireWebhookWithSecret,
} from "../protocol/webhooks.ts"

/** What a caller hands over is read only: constants and frozen objects fit too. */
type Sent<Body> = Body extends readonly (infer Member)[]
  ? readonly Sent<Member>[]
  : Body extends object
    ? { readonly [Name in keyof Body]: Sent<Body[Name]> }
    : Body

export type Basket = Sent<ReservationBody>
export type Confirmation = Sent<ConfirmBody>
export type Release = Sent<ReleaseBody>
export type Extension = Sent<ExtendBody>
export type ReservationFilter = Readonly<ReservationFilterInput>
export type Reservation = WireReservation
export type ReservationJournal = WireReservationJournal
export type HoldsSummary = WireHoldsSummary
export type Explanation = WireExplanation
export type ExplanationWithHolders = WireExplanationWithHolders

export type ItemDetails = Sent<ItemBody>
export type ItemFilter = Readonly<ItemFilterInput>
export type Item = WireItem
export type Availability = WireAvailability
export type LiveAvailability = WireLiveMessage
export type HotTarget = Sent<HotItemBody>
export type HotItem = WireHotItem
export type HotItemList = WireHotItemList

export type LocationDetails = Sent<LocationBody>
export type LocationFilter = Readonly<LocationFilterInput>
export type Location = WireLocation

export type Adjustment = Sent<AdjustmentBody>
export type SafetyStock = Sent<StockLevelBody>
export type StockLevel = WireStockLevel
export type JournalEntry = WireJournalEntry
export type StockJournalFilter = Readonly<Omit<StockJournalInput, "sku">>
export type StockJournalPage = WireStockJournalPage

export type EventFilter = Readonly<EventsInput>
export type EventStreamFilter = Readonly<Omit<EventsInput, "limit">>
export type Event = EarmarkEvent
export type EventPage = WireEventPage

export type WebhookDetails = Sent<WebhookBody>
export type WebhookChanges = Sent<WebhookChangesBody>
export type Rotation = Sent<RotateBody>
export type WebhookListFilter = Readonly<WebhookFilter>
export type DeliveryListFilter = Readonly<DeliveryFilter>
export type Webhook = WireWebhook
export type WebhookWithSecret = WireWebhookWithSecret
export type Delivery = WireDelivery
export type DeliveryDetail = WireDeliveryDetail

export type Sink = WireSink
export type SinkList = WireSinkList
export type DeadLetterListFilter = Readonly<DeadLetterFilter>
export type DeadLetter = WireDeadLetter
export type Replay = Sent<ReplayBody>
export type ReplayAnswer = WireReplayAnswer

export type DatabaseTime = WireTime
export type SaleDetails = Sent<SaleBody>
export type Sale = WireSale
export type TheatreProgramme = WireTheatre

export type Health = WireHealth
export type Statistics = WireStatistics
export type VerificationFilter = Readonly<FilterOfVerifications>
export type Verification = WireVerification
export type VerificationList = WireVerificationList
