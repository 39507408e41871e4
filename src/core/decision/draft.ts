/** What a batch of commands is decided over, what it has changed so far, and what comes out of it. */
import type { AllotmentRecord, Revocation, RevocationReason } from "../allotments.ts"
import type { Command, OutcomeOf } from "../commands.ts"
import type { ReservationRecord, StockLevel } from "../model.ts"
import type { HoldCommandKind } from "../states.ts"
import { type JournalEntry, type LevelChange, StockBook } from "../stock-book.ts"

/** The part of the truth that a batch needs, as it was read after whatever the strategy locks. */
export interface Snapshot {
  readonly nowMs: number
  readonly levels: readonly StockLevel[]
  /** Reservations that the commands name, and those whose idempotency key is claimed again. */
  readonly reservations: readonly ReservationRecord[]
  readonly adjustments: readonly AdjustmentRecord[]
  /** Of the levels that the commands name, where they may matter. */
  readonly allotments: readonly AllotmentRecord[]
  /** Why, of those grants that the commands name and that have been revoked, by their UUIDs. */
  readonly revoked: ReadonlyMap<string, RevocationReason>
  /** Skus and locations that exist without a level that was read; the locations with their priority. */
  readonly knownSkus: ReadonlySet<string>
  readonly knownLocations: ReadonlyMap<string, number>
}

export interface AdjustmentRecord {
  readonly id: string
  readonly sku: string
  readonly location: string
  readonly delta: number
  readonly idempotencyKey: string | null
  readonly fingerprint: string | null
}

/** A reservation that changes; `before` is what it was read as, or made as. */
export interface ReservationChange {
  readonly before: ReservationRecord
  readonly after: ReservationRecord
  /** The command that was carried out: a confirm must still be in time when it is written (promise S5). */
  readonly by: HoldCommandKind
}

export interface Changes {
  readonly madeLevels: readonly StockLevel[]
  readonly levels: readonly LevelChange[]
  /** As they are in the end. */
  readonly newReservations: readonly ReservationRecord[]
  /** Those of them that are not as they were made: a grant may be persisted and confirmed in one batch. */
  readonly changedNewReservations: readonly ReservationChange[]
  /** Of stored ones. */
  readonly reservations: readonly ReservationChange[]
  readonly newAdjustments: readonly AdjustmentRecord[]
  readonly allotments: readonly AllotmentRecord[]
  readonly revocations: readonly Revocation[]
  readonly journal: readonly JournalEntry[]
}

export interface Decision<C extends Command = Command> {
  /** One for each command, in the order in which they were given. */
  readonly outcomes: readonly OutcomeOf<C>[]
  readonly changes: Changes
  /** Levels whose overdue holds would change an outcome: they have to be ended before this is believed. */
  readonly unsettledLevelIds: readonly number[]
  /** Skus that fell short although any location would do: one more level of theirs would change an outcome too. */
  readonly shortAnywhereSkus: readonly string[]
}

/** The working state of one decision. */
export class Draft {
  readonly nowMs: number
  readonly book: StockBook
  readonly unsettledLevelIds = new Set<number>()
  readonly shortAnywhereSkus = new Set<string>()
  readonly newAdjustments: AdjustmentRecord[] = []
  readonly #knownSkus: Set<string>
  readonly #priorities: Map<string, number>
  readonly #reservations = new Map<string, ReservationRecord>()
  readonly #reservationsByKey = new Map<string, ReservationRecord>()
  readonly #adjustments: AdjustmentRecord[]
  readonly #allotments: Map<number, AllotmentRecord>
  readonly #changedAllotments = new Set<number>()
  readonly #revoked: Map<string, RevocationReason>
  readonly #revocations: Revocation[] = []
  readonly #new = new Map<string, ReservationRecord>()
  readonly #changed = new Map<string, ReservationChange>()
  readonly #changedNew = new Map<string, ReservationChange>()

  constructor(snapshot: Snapshot) {
    this.nowMs = snapshot.nowMs
    this.book = new StockBook(snapshot.levels)
    this.#knownSkus = new Set(snapshot.knownSkus)
    this.#priorities = new Map(snapshot.knownLocations)
    for (const level of snapshot.levels) {
      this.#knownSkus.add(level.sku)
      this.#priorities.set(level.location, level.priority)
    }
    for (const record of snapshot.reservations) this.#index(record)
    this.#adjustments = [...snapshot.adjustments]
    this.#allotments = new Map(snapshot.allotments.map((allotment) => [allotment.levelId, allotment]))
    this.#revoked = new Map(snapshot.revoked)
  }

  knowsSku(sku: string): boolean {
    return this.#knownSkus.has(sku)
  }

  knowsLocation(location: string): boolean {
    return this.#priorities.has(location)
  }

  /** A level that does not exist yet, at a location that does. */
  makeLevel(sku: string, location: string): StockLevel {
    return this.book.make({ sku, location, priority: this.#priorities.get(location) ?? 0 })
  }

  reservation(id: string): ReservationRecord | undefined {
    return this.#reservations.get(id)
  }

  reservationByKey(key: string): ReservationRecord | undefined {
    return this.#reservationsByKey.get(key)
  }

  /** The adjustment with this id, or that came with this key. */
  adjustment(id: string, key: string | undefined): AdjustmentRecord | undefined {
    return this.#adjustments.find(
      (made) => made.id === id || (key !== undefined && made.idempotencyKey === key),
    )
  }

  addAdjustment(record: AdjustmentRecord): void {
    this.#adjustments.push(record)
    this.newAdjustments.push(record)
  }

  allotment(levelId: number): AllotmentRecord | undefined {
    return this.#allotments.get(levelId)
  }

  setAllotment(allotment: AllotmentRecord): void {
    this.#allotments.set(allotment.levelId, allotment)
    this.#changedAllotments.add(allotment.levelId)
  }

  revocationOf(id: string): RevocationReason | undefined {
    return this.#revoked.get(id)
  }

  revoke(revocation: Revocation): void {
    this.#revoked.set(revocation.id, revocation.reason)
    this.#revocations.push(revocation)
  }

  addReservation(record: ReservationRecord): void {
    this.#index(record)
    this.#new.set(record.id, record)
  }

  changeReservation(
    before: ReservationRecord,
    change: Partial<ReservationRecord>,
    by: HoldCommandKind,
  ): ReservationRecord {
    const after = { ...before, ...change, updatedAtMs: this.nowMs }
    this.#index(after)
    const changed = this.#new.has(after.id) ? this.#changedNew : this.#changed
    changed.set(after.id, { before: changed.get(after.id)?.before ?? before, after, by })
    if (this.#new.has(after.id)) this.#new.set(after.id, after)
    return after
  }

  changes(): Changes {
    return {
      madeLevels: this.book.madeLevels.filter((made) => this.book.levelById(made.id).version > 0),
      levels: this.book.changes(),
      newReservations: [...this.#new.values()],
      changedNewReservations: [...this.#changedNew.values()],
      reservations: [...this.#changed.values()],
      newAdjustments: this.newAdjustments,
      allotments: [...this.#changedAllotments].flatMap((levelId) => this.#allotments.get(levelId) ?? []),
      revocations: this.#revocations,
      journal: this.book.journal,
    }
  }

  #index(record: ReservationRecord): void {
    this.#reservations.set(record.id, record)
    if (record.idempotencyKey !== null) this.#reservationsByKey.set(record.idempotencyKey, record)
  }
}
