/**
 * Allotments: units of a stock level that Postgres has handed to a shard of Redis, which grants them to buyers from
 * memory. They are in `held` of the level all the while, so that a unit belongs to one system only, by the same checks
 * that keep two buyers apart. A grant becomes an ordinary hold when it is persisted; what is not granted comes back.
 */
import type { Metadata } from "./model.ts"
import type { Origin, Originated } from "./origin.ts"

export interface AllotmentRecord {
  readonly levelId: number
  /** Of the shard when this was begun. A shard that lost data begins a new one, and what belongs to an older is void. */
  readonly epoch: number
  /** Units of `held` that are the shard's: free there, or granted and not persisted yet. */
  readonly units: number
  /** All that was allotted in this epoch, and all that came back. Both only grow: saying them twice changes nothing. */
  readonly allottedTotal: number
  readonly returnedTotal: number
}

/** A reservation that a shard has made and Postgres has not seen. */
export interface Grant {
  /** UUID. */
  readonly id: string
  readonly customerId: string | null
  readonly lines: readonly GrantedLine[]
  readonly ttlSeconds: number
  /** On the clock of Redis. */
  readonly createdAtMs: number
  readonly metadata: Metadata
  readonly key: { readonly key: string; readonly fingerprint: string } | null
  readonly origin?: Origin | undefined
}

export interface GrantedLine {
  readonly sku: string
  readonly location: string
  readonly quantity: number
}

/** A reservation that was acknowledged and could not be kept. */
export interface Revocation {
  /** UUID. */
  readonly id: string
  readonly epoch: number
  readonly reason: RevocationReason
  readonly grant: Grant
}

/**
 * `lost`: Redis lost it. `late`: persisted after its shard began anew, when its units were promised to others.
 * `key_claimed`: Postgres made another reservation for its idempotency key meanwhile.
 */
export const REVOCATION_REASONS = ["lost", "late", "key_claimed"] as const
export type RevocationReason = (typeof REVOCATION_REASONS)[number]

interface AtLevel extends Originated {
  readonly sku: string
  readonly location: string
  readonly epoch: number
}

/** Raises what was allotted in all, as far as units are available. */
export interface AllotCommand extends AtLevel {
  readonly kind: "allot"
  readonly allottedTotal: number
}
/** Takes note of what a shard has returned in all. */
export interface GiveBackCommand extends AtLevel {
  readonly kind: "give_back"
  readonly returnedTotal: number
}
/** Takes back whatever was allotted before this epoch. */
export interface CloseAllotmentCommand extends AtLevel {
  readonly kind: "close_allotment"
}
/** Makes grants of a shard, in that epoch, ordinary holds. */
export interface PersistCommand extends Originated {
  readonly kind: "persist"
  readonly epoch: number
  readonly grants: readonly Grant[]
}
/** Of grants that Redis no longer has: records those as revoked that have not been persisted. */
export interface RevokeLostCommand extends Originated {
  readonly kind: "revoke_lost"
  readonly epoch: number
  readonly grants: readonly Grant[]
}
export type AllotmentCommand =
  | AllotCommand
  | GiveBackCommand
  | CloseAllotmentCommand
  | PersistCommand
  | RevokeLostCommand

/** `epoch_over`: the allotment belongs to a later epoch already. */
export type AllotOutcome = { readonly outcome: "allotted"; readonly allottedTotal: number } | EpochOver
export type GiveBackOutcome = { readonly outcome: "given_back" } | EpochOver
export type CloseAllotmentOutcome = { readonly outcome: "closed"; readonly units: number } | EpochOver
/** Grants that are in neither list are holds now, or were known already. */
export type PersistOutcome = {
  readonly outcome: "persisted"
  /** Revoked just now. */
  readonly revokedIds: readonly string[]
  /** Revoked, now or before, because of their key: their units are the shard's still, which has to take them back. */
  readonly discardedIds: readonly string[]
}
/** The ids of those that were lost, and not recorded as revoked before. */
export type RevokeLostOutcome = { readonly outcome: "revoked"; readonly revokedIds: readonly string[] }
type EpochOver = { readonly outcome: "epoch_over" }
