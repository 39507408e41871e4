/** What can be asked of the engine, and every answer it may give. Expected answers are values, never errors. */
import type {
  AllotmentCommand,
  AllotOutcome,
  CloseAllotmentOutcome,
  GiveBackOutcome,
  PersistOutcome,
  RevokeLostOutcome,
} from "./allotments.ts"
import type { InputError } from "./errors.ts"
import type { Metadata, RequestedLine, Reservation, StockLevelView } from "./model.ts"
import type { Originated } from "./origin.ts"

/** An idempotency key with the meaning of the request that it came with. */
export interface KeyClaim {
  readonly key: string
  /** The fingerprint to keep. */
  readonly fingerprint: string
  /** The fingerprints that mean the same: a ttl left out means the default, and the other way round. */
  readonly accepts: readonly string[]
}

export interface ReserveCommand extends Originated {
  readonly kind: "reserve"
  /** UUID made before the first try, so that a try whose outcome is unknown can be recognised. */
  readonly id: string
  readonly customerId: string | null
  /** Equal lines already added up. */
  readonly lines: readonly RequestedLine[]
  readonly ttlSeconds: number
  /** Judged after the key: a replay is answered, whatever the cap has become since. */
  readonly ttlSecondsMax: number
  readonly metadata: Metadata
  readonly key: KeyClaim | null
  /** UUID of the reservation to be replaced; null when none is. */
  readonly replaces: string | null
}
export interface ConfirmCommand extends Originated {
  readonly kind: "confirm"
  readonly id: string
  readonly reference: string | null
}
export interface ReleaseCommand extends Originated {
  readonly kind: "release"
  readonly id: string
  readonly reason: string | null
}
export interface ExtendCommand extends Originated {
  readonly kind: "extend"
  readonly id: string
  readonly ttlSeconds: number
  readonly lifetimeMaxSeconds: number
}
export interface ExpireCommand extends Originated {
  readonly kind: "expire"
  readonly id: string
}
export type HoldCommand = ConfirmCommand | ReleaseCommand | ExtendCommand | ExpireCommand

export const ADJUSTMENT_REASONS = ["received", "counted", "damaged", "returned", "other"] as const
export type AdjustmentReason = (typeof ADJUSTMENT_REASONS)[number]

export interface AdjustCommand extends Originated {
  readonly kind: "adjust"
  /** UUID made before the first try, as for a reservation. */
  readonly id: string
  readonly sku: string
  readonly location: string
  readonly delta: number
  readonly reason: AdjustmentReason
  readonly reference: string | null
  readonly key: KeyClaim | null
}
export interface SetSafetyStockCommand extends Originated {
  readonly kind: "set_safety_stock"
  readonly sku: string
  readonly location: string
  readonly safetyStock: number
}
export type StockCommand = AdjustCommand | SetSafetyStockCommand

export type Command = ReserveCommand | HoldCommand | StockCommand | AllotmentCommand
export type CommandKind = Command["kind"]

export interface Shortage {
  readonly sku: string
  readonly location?: string
  readonly requested: number
  readonly available: number
}

export type NotFoundAnswer =
  | { readonly outcome: "item_not_found"; readonly sku: string }
  | { readonly outcome: "location_not_found"; readonly location: string }
export type InvalidRequest = { readonly outcome: "invalid_request"; readonly errors: readonly InputError[] }
export type KeyReused = { readonly outcome: "idempotency_key_reused"; readonly key: string }
export type ReservationNotFound = { readonly outcome: "reservation_not_found"; readonly id: string }

type WithReservation<Outcome extends string> = {
  readonly outcome: Outcome
  readonly reservation: Reservation
}

export type ReserveOutcome =
  | WithReservation<"reserved" | "replayed">
  | { readonly outcome: "insufficient_stock"; readonly shortages: readonly Shortage[] }
  | NotFoundAnswer
  | KeyReused
  /** `replaces` names a reservation that is unknown or somebody else's. */
  | ReservationNotFound
  /** `replaces` names a reservation that is confirmed. */
  | WithReservation<"reservation_confirmed">

/** The strategy `redis` alone: it was acknowledged as provisional, and Redis lost it. */
export type ReservationRevoked = { readonly outcome: "reservation_revoked"; readonly id: string }

export type ConfirmOutcome =
  | WithReservation<"confirmed" | "reservation_released" | "reservation_expired">
  | ReservationNotFound
  | ReservationRevoked
export type ReleaseOutcome =
  | WithReservation<"released" | "expired" | "reservation_confirmed">
  | ReservationNotFound
  | ReservationRevoked
export type ExtendOutcome =
  | WithReservation<
      | "extended"
      | "lifetime_exceeded"
      | "reservation_confirmed"
      | "reservation_released"
      | "reservation_expired"
    >
  | ReservationNotFound
  | ReservationRevoked
export type ExpireOutcome = { readonly outcome: "expired" | "unchanged" }

export type AdjustOutcome =
  | { readonly outcome: "adjusted" | "replayed"; readonly level: StockLevelView }
  | { readonly outcome: "stock_below_held"; readonly level: StockLevelView }
  | InvalidRequest
  | NotFoundAnswer
  | KeyReused
export type SetSafetyStockOutcome =
  | { readonly outcome: "changed"; readonly level: StockLevelView }
  | NotFoundAnswer

export interface OutcomeByKind {
  reserve: ReserveOutcome | InvalidRequest
  confirm: ConfirmOutcome
  release: ReleaseOutcome
  extend: ExtendOutcome
  expire: ExpireOutcome
  adjust: AdjustOutcome
  set_safety_stock: SetSafetyStockOutcome
  allot: AllotOutcome
  give_back: GiveBackOutcome
  close_allotment: CloseAllotmentOutcome
  persist: PersistOutcome
  revoke_lost: RevokeLostOutcome
}
export type Outcome = OutcomeByKind[CommandKind]
/** The answer to a command of that type. */
export type OutcomeOf<C extends Command> = OutcomeByKind[C["kind"]]
