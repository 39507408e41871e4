/** One step of reading the feed: what is stored next, as events, and the place after them. */
import { EventBuilder } from "../core/events/build.ts"
import { type EarmarkEvent, skusOf } from "../core/events/event.ts"
import type { EventFilter, ToldEvent } from "../engine/event-feed.ts"
import {
  afterEntry,
  afterRead,
  type FeedEntry,
  type FeedPlace,
  type FeedRead,
  type FeedStore,
  hasTold,
  rangesOf,
} from "../engine/feed-store.ts"
import { encodeCursor } from "./cursor.ts"

/** Changes read in one go at most. */
export const READ_MAX = 1000

/**
 * Stretches of positions that a place may still look for. A cursor names them all, and has to come back in a query or a header,
 * of which callers and proxies take 8,192 characters. A reader that would get more waits until transactions have ended.
 */
export const GAPS_MAX = 200

export interface FeedParts {
  readonly store: FeedStore
  /** What the events name as where they come from. */
  readonly source: string
}

export interface Reading {
  readonly isAsked: (event: EarmarkEvent) => boolean
  readonly rowsMax?: number
  /** Events at most; without a number an entry is told whole. */
  readonly wanted?: number
  /** Nothing is told that had not been told there: who has read it all goes on from just that place. */
  readonly until?: FeedPlace | undefined
}

export interface EventsRead {
  readonly events: readonly ToldEvent[]
  /** Where to go on. */
  readonly next: FeedPlace
  /** Whether that was all, up to `until`, when it was looked for; also when the rest has to wait. */
  readonly isAll: boolean
  /** Changes that were looked at. */
  readonly scanned: number
  readonly asOf: Date
}

/** @throws EarmarkError as `FeedStore.read` does */
export async function readEvents(
  { store, source }: FeedParts,
  place: FeedPlace,
  reading: Reading,
): Promise<EventsRead> {
  const read = await store.read(place, reading.rowsMax ?? READ_MAX)
  const scanned = read.entries.reduce((sum, { changes, lost }) => sum + changes.length + lost.length, 0)
  const { events, next, left } = tell(read, new EventBuilder(source, read.before), reading)
  const { until } = reading
  const looked = { events, scanned, asOf: read.asOf }
  if (until !== undefined) {
    const isReached = read.isAll || (read.entries.at(-1)?.position ?? 0) >= until.position
    return { ...looked, next, isAll: isReached }
  }
  if (left === "more than wanted") return { ...looked, next, isAll: false }
  const told = afterRead(next, read)
  const isAll = left === "nothing" ? read.isAll : rangesOf(told.gaps).length >= GAPS_MAX
  return { ...looked, next: told, isAll }
}

interface Told {
  readonly events: readonly ToldEvent[]
  readonly next: FeedPlace
  /** Of what was read. `one gap too many`: what is left comes behind it. */
  readonly left: "nothing" | "more than wanted" | "one gap too many"
}

/** The events of what was read, as many as are wanted. */
function tell({ entries, from, horizonXid }: FeedRead, builder: EventBuilder, reading: Reading): Told {
  const { wanted = Number.POSITIVE_INFINITY, isAsked, until } = reading
  const events: ToldEvent[] = []
  let place = from
  for (const entry of entries) {
    // It is a gap from then on, as it is there. No change that is told builds on it: that would have waited for its commit.
    if (until && !hasTold(until, entry.position)) continue
    if (!until && opensGapTooMany(place, entry)) return { events, next: place, left: "one gap too many" }
    const skipped = place.partial?.position === entry.position ? place.partial.told : 0
    for (const [index, event] of builder.of(entry).entries()) {
      if (index < skipped) continue
      if (events.length === wanted) return { events, next: place, left: "more than wanted" }
      place = { ...place, partial: { position: entry.position, told: index + 1 } }
      if (isAsked(event)) events.push({ event, cursor: encodedOnce(place) })
    }
    place = afterEntry(place, entry, horizonXid)
  }
  return { events, next: place, left: "nothing" }
}

function opensGapTooMany(place: FeedPlace, { position }: Pick<FeedEntry, "position">): boolean {
  return position > place.position + 1 && rangesOf(place.gaps).length >= GAPS_MAX
}

function encodedOnce(place: FeedPlace): () => string {
  let cursor: string | undefined
  return () => {
    cursor ??= encodeCursor(place)
    return cursor
  }
}

export function filterOf({ sku, reservationId }: EventFilter): (event: EarmarkEvent) => boolean {
  return (event) =>
    (sku === undefined || skusOf(event).includes(sku)) &&
    (reservationId === undefined || event.subject === reservationId)
}
