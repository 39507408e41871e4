/** The journal as it is told of: in an order in which nothing is lost, nothing uncommitted appears, and no writer is waited for. */
import type { Balances, Change, LostReservation } from "../core/events/changes.ts"
import type { AsOf } from "./views.ts"

/** Where a reader is. */
export interface FeedPlace {
  /** Everything up to here has been told, but what is below. */
  readonly position: number
  /** Positions up to there that were not to be seen: of transactions that may still commit, or were rolled back. */
  readonly gaps: readonly FeedGaps[]
  /** An entry of which some events have been told. */
  readonly partial: { readonly position: number; readonly told: number } | null
  /** When the entry at `position` was written, to see that this is still the same history; null when there was none. */
  readonly mark: string | null
}

/** Positions that were missed at one time. */
export interface FeedGaps {
  /** No transaction with this id, or a later one, can fill them: once those before it have ended, nobody will. */
  readonly horizonXid: string
  /** First and last of each stretch. */
  readonly ranges: readonly (readonly [number, number])[]
}

/** What one statement wrote. */
export interface FeedEntry {
  readonly position: number
  readonly mark: string
  readonly writtenAtMs: number
  readonly changes: readonly Change[]
  readonly lost: readonly LostReservation[]
}

/** What was found after a place. */
export interface FeedScan {
  /** In the order of their positions. */
  readonly entries: readonly Pick<FeedEntry, "position" | "mark">[]
  /** The place that was read from. */
  readonly from: FeedPlace
  /** All transactions before it had ended when these were read. */
  readonly oldestXid: string
  /** Of what is missed between these entries. */
  readonly horizonXid: string
  /** Whether they were all, when they were read. */
  readonly isAll: boolean
}

export interface FeedRead extends FeedScan {
  readonly entries: readonly FeedEntry[]
  /** Each level of these entries as it was before the first of them. */
  readonly before: ReadonlyMap<number, Balances>
}

export interface ChangedSkus {
  readonly skus: readonly string[]
  /** Where to go on. */
  readonly next: FeedPlace
  readonly isAll: boolean
}

/** Whether this was read where the place's reader has not got to yet: then nobody can say what has become of its gaps. */
export function isBehind({ from, horizonXid }: FeedScan): boolean {
  return from.gaps.some((missed) => BigInt(missed.horizonXid) > BigInt(horizonXid))
}

/**
 * Positions that are looked back over, for transactions that are under way when somebody begins to read: one that has written
 * and stays open while so many others write is missed by that reader.
 */
export const LOOK_BACK = 10_000

export interface FeedStore {
  /** After everything that is committed, with all gaps of the last positions. */
  now(): Promise<FeedPlace>
  /**
   * Entries after a place.
   *
   * @param rowsMax changes to read at most; an entry that has more is read whole, alone
   * @throws EarmarkError `events_rewound` when the place is of another history, `events_dropped` when what follows it was
   *   dropped by retention
   */
  read(place: FeedPlace, rowsMax: number): Promise<AsOf<FeedRead>>
  /**
   * Which items have changed after a place, and nothing about how: an entry is one row, however many changes it tells of.
   *
   * @throws as `read`
   */
  changedSkus(place: FeedPlace, rowsMax: number): Promise<ChangedSkus>
  /** Seconds since the first entry after a place was written; 0 when there is none. */
  lagSeconds(place: FeedPlace): Promise<number>
}

/** Before everything that is kept. */
export const FEED_BEGINNING: FeedPlace = { position: 0, gaps: [], partial: null, mark: null }

/** Where a reader is that has been told all of an entry. */
export function afterEntry(
  place: FeedPlace,
  { position, mark }: Pick<FeedEntry, "position" | "mark">,
  horizonXid: string,
): FeedPlace {
  const rest = { ...place, partial: null }
  if (position <= place.position) return { ...rest, gaps: without(place.gaps, position) }
  const missed: FeedGaps[] =
    position === place.position + 1 ? [] : [{ horizonXid, ranges: [[place.position + 1, position - 1]] }]
  return { ...rest, position, mark, gaps: merged([...place.gaps, ...missed]) }
}

/** Where a reader is that has been told all that was read: gaps that nobody will fill any more are forgotten. */
export function afterRead(
  place: FeedPlace,
  { entries, from, oldestXid, horizonXid, isAll }: FeedScan,
): FeedPlace {
  // What fills a gap comes before what is new: where that was reached, or nothing was left out, no gap was.
  const isComplete = isAll || (entries.at(-1)?.position ?? 0) > from.position
  if (!isComplete || place.gaps.length === 0) return place
  const mayBeFilled = (horizon: bigint) => horizon > BigInt(oldestXid) && horizon <= BigInt(horizonXid)
  // An id that has not been given yet is of another cluster, where nobody is left.
  return { ...place, gaps: place.gaps.filter((missed) => mayBeFilled(BigInt(missed.horizonXid))) }
}

/** Whether an entry was told to a reader who is there. */
export function hasTold({ position: last, gaps }: FeedPlace, position: number): boolean {
  return position <= last && !rangesOf(gaps).some(([first, end]) => first <= position && position <= end)
}

/**
 * Whether all that was told to a reader who is here was told to one who is there. False also where it is not sure: the one
 * who is there may still look for an entry of which the other knows that it was rolled back.
 */
export function isWithin(here: FeedPlace, there: FeedPlace): boolean {
  if (here.position > there.position) return false
  if (here.partial !== null && !hasTold(there, here.partial.position)) return false
  const missed = rangesOf(here.gaps)
  return rangesOf(there.gaps).every(
    ([first, last]) =>
      first > here.position ||
      missed.some(([begin, end]) => begin <= first && Math.min(last, here.position) <= end),
  )
}

export function rangesOf(gaps: readonly FeedGaps[]): (readonly [number, number])[] {
  return gaps.flatMap(({ ranges }) => ranges)
}

function without(gaps: readonly FeedGaps[], position: number): FeedGaps[] {
  return gaps.flatMap(({ horizonXid, ranges }) => {
    const rest = ranges.flatMap(([first, last]) => {
      if (position < first || position > last) return [[first, last] as const]
      const parts: (readonly [number, number])[] = []
      if (first < position) parts.push([first, position - 1])
      if (position < last) parts.push([position + 1, last])
      return parts
    })
    return rest.length === 0 ? [] : [{ horizonXid, ranges: rest }]
  })
}

/** Horizons of one place. With more, all gaps get the latest: they are looked for a little longer, and a place stays small. */
const HORIZONS_MAX = 16

/** Those of one horizon together. */
function merged(gaps: readonly FeedGaps[]): FeedGaps[] {
  const byHorizon = Map.groupBy(gaps, ({ horizonXid }) => horizonXid)
  if (byHorizon.size > HORIZONS_MAX) {
    const latest = [...byHorizon.keys()].reduce((one, other) => (BigInt(one) > BigInt(other) ? one : other))
    return [{ horizonXid: latest, ranges: rangesOf(gaps) }]
  }
  return [...byHorizon].map(([horizonXid, same]) => ({
    horizonXid,
    ranges: same.flatMap(({ ranges }) => ranges),
  }))
}
