/**
 * Follows the feed live. Whoever is behind reads by itself, up to just the place at which the shared tail is; from there on it
 * is told what the tail reads, so that nothing is lost or told twice, and any number at the end of the feed cost one reader.
 */
import { EarmarkError } from "../core/errors.ts"
import type { EarmarkEvent } from "../core/events/event.ts"
import type { EventBatch, FollowQuery } from "../engine/event-feed.ts"
import { type FeedPlace, isWithin } from "../engine/feed-store.ts"
import { pauseFor } from "../engine/pause.ts"
import { decodeCursor, encodeCursor } from "./cursor.ts"
import type { EventTail } from "./event-tail.ts"
import { type FeedParts, filterOf, readEvents } from "./read-events.ts"
import { POLL_INTERVAL_MS, type SharedTail } from "./shared-tail.ts"

/**
 * Who goes on alone looks less and less often, down to this. Mostly that is over at the first look; while a stranger's
 * transaction stays open it may be all clients that came back after a restart.
 */
const ALONE_INTERVAL_MS_MAX = 1_000

/** Without news for so long, an empty batch tells the place. */
const IDLE_MS_DEFAULT = 15_000

export async function* follow(
  parts: FeedParts,
  shared: SharedTail,
  query: FollowQuery,
): AsyncGenerator<EventBatch, void> {
  const { after, signal } = query
  const isAsked = filterOf(query)
  const stopListening = shared.listen()
  try {
    let place = after === undefined ? await parts.store.now() : decodeCursor(after)
    let pauseMs = POLL_INTERVAL_MS
    while (!signal?.aborted) {
      const tail = await shared.tail()
      const { head } = tail
      // Whoever knows of something that the tail has not seen yet, or never will, goes on alone until that is over.
      const until = isWithin(place, head.place) && tail.looksFor(place) ? head.place : undefined
      const { events, next, isAll } = await readEvents(parts, place, { isAsked, until })
      const isThere = until !== undefined && isAll && tail.looksFor(next)
      place = isThere ? until : next
      yield { events, cursor: encodeCursor(place) }
      if (isThere && tail.keepsAfter(head.number))
        return yield* listen(tail, head.number, { ...query, isAsked, place })
      if (!isAll || isThere) continue
      await pauseFor(pauseMs, signal)
      pauseMs = Math.min(2 * pauseMs, ALONE_INTERVAL_MS_MAX)
    }
  } finally {
    stopListening()
  }
}

interface Listening extends FollowQuery {
  readonly place: FeedPlace
  readonly isAsked: (event: EarmarkEvent) => boolean
}

/** @param first the number of the batch after which to begin: it ends at `place` */
async function* listen(
  tail: EventTail,
  first: number,
  listening: Listening,
): AsyncGenerator<EventBatch, void> {
  const { signal, place, isAsked, idleMs = IDLE_MS_DEFAULT } = listening
  let number = first
  let cursor = encodeCursor(place)
  while (!signal?.aborted) {
    if (!tail.keepsAfter(number)) throw outrun()
    let batch = tail.after(number)
    if (batch === undefined) {
      await tail.moved(idleMs, signal)
      batch = tail.after(number)
    }
    if (batch) {
      number += 1
      cursor = batch.cursor
    }
    if (!signal?.aborted) {
      yield { events: batch?.events.filter(({ event }) => isAsked(event)) ?? [], cursor }
    }
  }
}

function outrun(): EarmarkError {
  return new EarmarkError(
    "events_outrun",
    "Events came faster than they were read: go on after the last one that arrived.",
    { notApplied: true },
  )
}
