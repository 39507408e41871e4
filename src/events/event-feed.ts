/** The feed as events: pages after a cursor, each change at least once, of each stock level in the order of versions. */
import type { EventFeed, EventPage, EventQuery, ToldEvent } from "../engine/event-feed.ts"
import { FEED_BEGINNING, type FeedPlace, type FeedStore } from "../engine/feed-store.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import { type FeedParts, filterOf, READ_MAX, readEvents } from "./read-events.ts"

/** Changes looked at for one page at most: one that seeks rare events comes back with a cursor instead of an answer late. */
const SCANNED_MAX = 5000

/** @param source what the events name as where they come from */
export function createEventFeed(store: FeedStore, source: string): EventFeed {
  const parts = { store, source }
  return {
    async page(query) {
      const { after } = query
      return readPage(parts, after === undefined ? FEED_BEGINNING : decodeCursor(after), query)
    },
    async next(after, changesMax) {
      const everything = { rowsMax: changesMax, isAsked: () => true }
      const { events, next, isAll, asOf } = await readEvents(parts, decodeCursor(after), everything)
      return { events, nextCursor: encodeCursor(next), isAll, asOf }
    },
    async now() {
      return encodeCursor(await store.now())
    },
    lagSeconds: (after) => store.lagSeconds(decodeCursor(after)),
  }
}

async function readPage(parts: FeedParts, start: FeedPlace, query: EventQuery): Promise<EventPage> {
  const isAsked = filterOf(query)
  const events: ToldEvent[] = []
  let place = start
  let scanned = 0
  let isAll = false
  let asOfMs = Number.POSITIVE_INFINITY
  while (events.length < query.limit && scanned < SCANNED_MAX && !isAll) {
    const read = await readEvents(parts, place, {
      rowsMax: Math.min(READ_MAX, query.limit),
      wanted: query.limit - events.length,
      isAsked,
    })
    events.push(...read.events)
    asOfMs = Math.min(asOfMs, read.asOf.getTime())
    place = read.next
    scanned += read.scanned
    isAll = read.isAll
  }
  return { events, nextCursor: encodeCursor(place), isAll, asOf: new Date(asOfMs) }
}
