/** Follows the feed and hands every page on. */
import type { EventFeed, EventPage, EventQuery } from "../../engine/event-feed.ts"
import { pauseFor } from "../../engine/pause.ts"
import { FEED_START } from "../../events/cursor.ts"

/** Between two looks when nothing is new. */
const LOOK_INTERVAL_MS = 250
const PAGE_MAX = 200

/** Where to begin: `oldest` that is kept, `now`, or a cursor. */
export async function placeOf(from: string, feed: EventFeed): Promise<string> {
  if (from === "now") return feed.now()
  return from === "oldest" ? FEED_START : from
}

interface Following {
  readonly filter: Pick<EventQuery, "sku" | "reservationId">
  /** Ends it. */
  readonly stopping: AbortSignal
  readonly onPage: (page: EventPage) => Promise<void> | void
}

/** Until everything was told that is there now. @returns where to go on */
export async function readAll(feed: EventFeed, from: string, following: Following): Promise<string> {
  let after = from
  while (!following.stopping.aborted) {
    const page = await feed.page({ ...following.filter, after, limit: PAGE_MAX })
    await following.onPage(page)
    after = page.nextCursor
    if (page.isAll) break
  }
  return after
}

/** Until it is stopped. */
export async function follow(feed: EventFeed, from: string, following: Following): Promise<void> {
  let after = from
  while (!following.stopping.aborted) {
    after = await readAll(feed, after, following)
    await pauseFor(LOOK_INTERVAL_MS, following.stopping)
  }
}
