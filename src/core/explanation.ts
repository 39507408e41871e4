/** Why a request for units is refused, or would not be: what each level has, who holds the rest, and when it comes back. */
import { toWireId } from "./ids.ts"
import { availableOf, type RequestedLine, type StockLevel } from "./model.ts"
import type { Credit } from "./sourcing.ts"

/** A stock level with what its `held` is made of. */
export interface HeldStock extends StockLevel {
  /** Units whose deadline has passed: they are free, recorded or not (promise L1). */
  readonly overdue: number
  /** Units that Redis may grant. */
  readonly allotted: number
}

/** A line of a hold that is not over. */
export interface LiveHold {
  readonly levelId: number
  /** UUID. */
  readonly reservationId: string
  /** Null also where nobody looked. */
  readonly customerId: string | null
  readonly quantity: number
  readonly expiresAtMs: number
}

/** The holds of a level. */
export interface LiveHolds {
  /** As many as were counted. */
  readonly count: number
  /** Those that end first. */
  readonly soonest: readonly LiveHold[]
}

export interface Holder {
  readonly reservationId: string
  readonly customerId: string | null
  readonly quantity: number
  readonly expiresAt: Date
}

export interface ExplainedLevel {
  readonly location: string
  readonly onHand: number
  /** For reservations; what Redis may grant is not counted. */
  readonly held: number
  readonly safetyStock: number
  /** Units that Redis may grant: available where the service runs the strategy `redis`, and only there. */
  readonly allotted: number
  readonly available: number
  /** Reservations that hold units here; no more than some thousands are counted. */
  readonly holds: number
  /** Those that end first, at most ten. */
  readonly holders: readonly Holder[]
}

export interface ExplainedLine {
  readonly sku: string
  /** As asked; null: from whichever location has it. */
  readonly location: string | null
  readonly requested: number
  /** For this line, when the other lines have what they asked for. */
  readonly available: number
  readonly missing: number
  /** When holds end next, and how many units they give back; null: there are none. */
  readonly nextExpiry: { readonly at: Date; readonly units: number } | null
  /**
   * From when on there is enough, if no hold is confirmed or extended and nobody else takes anything. Null when nothing is
   * missing, when even all holds are not enough, and when it takes more of them than were looked at.
   */
  readonly enoughAt: Date | null
  /** The location that is asked first comes first. */
  readonly locations: readonly ExplainedLevel[]
}

export interface Explanation {
  /** All or nothing, as a reserve would be decided at that moment. */
  readonly wouldSucceed: boolean
  /** The database's time at which this was true. */
  readonly asOf: Date
  readonly lines: readonly ExplainedLine[]
}

/** What a reserve counts as held: all but what is free, and what Redis has if that can be asked for it. */
export function heldForReserve(level: HeldStock, asksRedis: boolean): number {
  return level.held - level.overdue - (asksRedis ? level.allotted : 0)
}

/** Holders named for each level. */
export const HOLDERS_LISTED_MAX = 10

export interface LineReading {
  readonly line: RequestedLine
  /** What the decision said; null: it is not short. */
  readonly shortOf: number | null
  /** Of its item, as a reserve counts them: `held` without what is free. */
  readonly levels: readonly HeldStock[]
  readonly asksRedis: boolean
  readonly holdsOf: (levelId: number) => LiveHolds
  /** What the request itself gives back. */
  readonly credit: Credit
}

export function explainLine(reading: LineReading): ExplainedLine {
  const { line, shortOf, levels, holdsOf } = reading
  const { sku, location, quantity } = line
  const locations = levels.map((level) => explainLevel(level, reading))
  const available = shortOf ?? locations.reduce((sum, level) => sum + level.available, 0)
  const missing = Math.max(0, quantity - available)
  const holds = soonestOf(levels.map(({ id }) => holdsOf(id)))
  return {
    sku,
    location,
    requested: quantity,
    available,
    missing: shortOf === null ? 0 : missing,
    nextExpiry: nextExpiry(holds),
    enoughAt: shortOf === null ? null : enoughAt(reading, holds, missing),
    locations,
  }
}

function explainLevel(level: HeldStock, { asksRedis, holdsOf }: LineReading): ExplainedLevel {
  const { id, location, onHand, held, overdue, allotted, safetyStock } = level
  const { count, soonest } = holdsOf(id)
  return {
    location,
    onHand,
    held: held - overdue - allotted,
    safetyStock,
    allotted,
    available: availableOf({ onHand, held: heldForReserve(level, asksRedis), safetyStock }),
    holds: count,
    holders: soonest.slice(0, HOLDERS_LISTED_MAX).map((hold) => ({
      reservationId: toWireId(hold.reservationId),
      customerId: hold.customerId,
      quantity: hold.quantity,
      expiresAt: new Date(hold.expiresAtMs),
    })),
  }
}

/** In the order in which they end, as far as all of them are known. */
function soonestOf(levels: readonly LiveHolds[]): LiveHold[] {
  const horizonMs = Math.min(
    ...levels.map(({ count, soonest }) =>
      count > soonest.length ? (soonest.at(-1)?.expiresAtMs ?? 0) : Number.POSITIVE_INFINITY,
    ),
  )
  return levels
    .flatMap(({ soonest }) => soonest)
    .filter(({ expiresAtMs }) => expiresAtMs <= horizonMs)
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
}

function nextExpiry(holds: readonly LiveHold[]): ExplainedLine["nextExpiry"] {
  const [first] = holds
  if (!first) return null
  const together = holds.filter(({ expiresAtMs }) => expiresAtMs === first.expiresAtMs)
  const units = together.reduce((sum, { quantity }) => sum + quantity, 0)
  return { at: new Date(first.expiresAtMs), units }
}

/** What comes back to a level fills up its safety stock first. */
function enoughAt(
  { levels, asksRedis, credit }: LineReading,
  holds: readonly LiveHold[],
  missing: number,
): Date | null {
  const free = new Map(
    levels.map((level) => {
      const { id, onHand, safetyStock } = level
      return [id, onHand - heldForReserve(level, asksRedis) - safetyStock + (credit.get(id) ?? 0)]
    }),
  )
  let stillMissing = missing
  for (const { levelId, quantity, expiresAtMs } of holds) {
    const before = free.get(levelId) ?? 0
    free.set(levelId, before + quantity)
    stillMissing -= Math.max(0, before + quantity) - Math.max(0, before)
    if (stillMissing <= 0) return new Date(expiresAtMs)
  }
  return null
}
