/** The stock levels of one batch as they stand after each change that was decided so far, and the journal of it. */
import type { StockLevel } from "./model.ts"
import type { Origin } from "./origin.ts"

export const JOURNAL_KINDS = [
  "held",
  "confirmed",
  "released",
  "expired",
  "extended",
  "adjusted",
  "safety_stock_set",
  "allotted",
  "drawn",
  "given_back",
] as const
export type JournalKind = (typeof JOURNAL_KINDS)[number]

/** One change of one stock level: what changed, and the balances afterwards. */
export interface JournalEntry {
  readonly levelId: number
  readonly version: number
  readonly kind: JournalKind
  readonly reservationId: string | null
  readonly adjustmentId: string | null
  readonly onHandDelta: number
  readonly heldDelta: number
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  readonly atMs: number
  readonly reason: string | null
  readonly reference: string | null
  /** The deadline, where this change sets one. */
  readonly expiresAtMs: number | null
  /** Units that are allotted to Redis afterwards, where this changes them. */
  readonly allotted: number | null
  readonly origin: Origin | null
}

export type Posting = Pick<JournalEntry, "kind" | "atMs"> &
  Partial<
    Pick<
      JournalEntry,
      | "reservationId"
      | "adjustmentId"
      | "onHandDelta"
      | "heldDelta"
      | "safetyStock"
      | "reason"
      | "reference"
      | "expiresAtMs"
      | "allotted"
    >
  >

/** What a batch does to one level, in relation to the level as it was given. */
export interface LevelChange {
  /** As it was given, before the batch. */
  readonly before: StockLevel
  readonly onHandDelta: number
  readonly heldDelta: number
  /** The new safety stock, or null when it stays. */
  readonly safetyStock: number | null
  /** How many journal entries the batch writes for this level. */
  readonly versions: number
}

interface OpenLevel {
  readonly before: StockLevel
  now: StockLevel
}

export class StockBook {
  readonly journal: JournalEntry[] = []
  /** Of what is posted next. */
  origin: Origin | null = null
  readonly #byId = new Map<number, OpenLevel>()
  readonly #bySku = new Map<string, OpenLevel[]>()
  readonly #made: StockLevel[] = []

  constructor(levels: readonly StockLevel[]) {
    for (const level of levels) this.#open(level)
    for (const ofSku of this.#bySku.values()) ofSku.sort(byPriority)
  }

  /** The levels of a sku as they stand now, the location with the lowest priority number first, then by code. */
  levelsOf(sku: string): StockLevel[] {
    return (this.#bySku.get(sku) ?? []).map((level) => level.now)
  }

  level(sku: string, location: string): StockLevel | undefined {
    return this.#bySku.get(sku)?.find((level) => level.before.location === location)?.now
  }

  levelById(id: number): StockLevel {
    return this.#opened(id).now
  }

  /** A level that does not exist yet, with nothing in it. Its id is negative until the database has given one. */
  make(place: Pick<StockLevel, "sku" | "location" | "priority">): StockLevel {
    const id = -1 - this.#made.length
    const level = { ...place, id, onHand: 0, held: 0, safetyStock: 0, version: 0 }
    this.#made.push(level)
    this.#open(level)
    this.#bySku.get(level.sku)?.sort(byPriority)
    return level
  }

  get madeLevels(): readonly StockLevel[] {
    return this.#made
  }

  /** Writes one change: the level's next version, the new balances, the journal entry. */
  post(levelId: number, posting: Posting): void {
    const level = this.#opened(levelId)
    const { onHandDelta = 0, heldDelta = 0 } = posting
    const now: StockLevel = {
      ...level.now,
      onHand: level.now.onHand + onHandDelta,
      held: level.now.held + heldDelta,
      safetyStock: posting.safetyStock ?? level.now.safetyStock,
      version: level.now.version + 1,
    }
    level.now = now
    this.journal.push({
      levelId,
      version: now.version,
      kind: posting.kind,
      reservationId: posting.reservationId ?? null,
      adjustmentId: posting.adjustmentId ?? null,
      onHandDelta,
      heldDelta,
      onHand: now.onHand,
      held: now.held,
      safetyStock: now.safetyStock,
      atMs: posting.atMs,
      reason: posting.reason ?? null,
      reference: posting.reference ?? null,
      expiresAtMs: posting.expiresAtMs ?? null,
      allotted: posting.allotted ?? null,
      origin: this.origin,
    })
  }

  /** Every level that the batch changed. */
  changes(): LevelChange[] {
    const changes: LevelChange[] = []
    for (const { before, now } of this.#byId.values()) {
      if (now.version === before.version) continue
      changes.push({
        before,
        onHandDelta: now.onHand - before.onHand,
        heldDelta: now.held - before.held,
        safetyStock: now.safetyStock === before.safetyStock ? null : now.safetyStock,
        versions: now.version - before.version,
      })
    }
    return changes
  }

  #open(level: StockLevel): void {
    const opened = { before: level, now: level }
    this.#byId.set(level.id, opened)
    const ofSku = this.#bySku.get(level.sku)
    if (ofSku) ofSku.push(opened)
    else this.#bySku.set(level.sku, [opened])
  }

  #opened(id: number): OpenLevel {
    const level = this.#byId.get(id)
    if (!level) throw new Error(`stock level ${id} was not given to this decision`)
    return level
  }
}

function byPriority(a: OpenLevel, b: OpenLevel): number {
  if (a.before.priority !== b.before.priority) return a.before.priority - b.before.priority
  return a.before.location < b.before.location ? -1 : 1
}
