/** The feed as events: pages after a cursor, each change at least once, of each stock level in the order of versions. */
import { EventBuilder } from "../core/events/build.ts"
import { type EarmarkEvent, skusOf } from "../core/events/event.ts"
import type { EventFeed, EventPage, EventQuery, ToldEvent } from "../engine/event-feed.ts"
import {
  afterEntry,
  afterRead,
  FEED_BEGINNING,
  type FeedPlace,
  type FeedRead,
  type FeedStore,
} from "../engine/feed-store.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"

/** Changes looked at for one page at most: one that seeks rare events comes back with a cursor instead of an answer late. */
const SCANNED_MAX = 5000
/** Changes read in one go at most. */
const READ_MAX = 1000

/** @param source what the events name as where they come from */
export function createEventFeed(store: FeedStore, source: string): EventFeed {
  return {
    async page(query) {
      const { after } = query
      const place = after === undefined ? FEED_BEGINNING : decodeCursor(after)
      return readPage({ store, source }, place, query)
    },
    async now() {
      return encodeCursor(await store.now())
    },
    lagSeconds: (after) => store.lagSeconds(decodeCursor(after)),
  }
}

interface Parts {
  readonly store: FeedStore
  readonly source: string
}

async function readPage({ store, source }: Parts, start: FeedPlace, query: EventQuery): Promise<EventPage> {
  const isAsked = filterOf(query)
  const events: ToldEvent[] = []
  let place = start
  let scanned = 0
  let isAll = false
  while (events.length < query.limit && scanned < SCANNED_MAX && !isAll) {
    const read = await store.read(place, Math.min(READ_MAX, query.limit))
    const wanted = query.limit - events.length
    const { told, next, isThrough } = tell(read, {
      builder: new EventBuilder(source, read.before),
      wanted,
      isAsked,
    })
    events.push(...told)
    place = isThrough ? afterRead(next, read) : next
    scanned += read.entries.reduce((sum, { changes, lost }) => sum + changes.length + lost.length, 0)
    isAll = read.isAll && isThrough
  }
  return { events, nextCursor: encodeCursor(place), isAll }
}

interface Telling {
  readonly builder: EventBuilder
  readonly wanted: number
  readonly isAsked: (event: EarmarkEvent) => boolean
}

interface Told {
  readonly told: readonly ToldEvent[]
  /** Where to go on. */
  readonly next: FeedPlace
  /** Whether all that was read has been told. */
  readonly isThrough: boolean
}

/** The events of what was read, as many as are wanted. */
function tell({ entries, from, horizonXid }: FeedRead, { builder, wanted, isAsked }: Telling): Told {
  const told: ToldEvent[] = []
  let place = from
  for (const entry of entries) {
    const skipped = place.partial?.position === entry.position ? place.partial.told : 0
    for (const [index, event] of builder.of(entry).entries()) {
      if (index < skipped) continue
      if (told.length === wanted) return { told, next: place, isThrough: false }
      place = { ...place, partial: { position: entry.position, told: index + 1 } }
      if (isAsked(event)) told.push({ event, cursor: encodedOnce(place) })
    }
    place = afterEntry(place, entry, horizonXid)
  }
  return { told, next: place, isThrough: true }
}

function encodedOnce(place: FeedPlace): () => string {
  let cursor: string | undefined
  return () => {
    cursor ??= encodeCursor(place)
    return cursor
  }
}

function filterOf({ sku, reservationId }: EventQuery): (event: EarmarkEvent) => boolean {
  return (event) =>
    (sku === undefined || skusOf(event).includes(sku)) &&
    (reservationId === undefined || event.subject === reservationId)
}
