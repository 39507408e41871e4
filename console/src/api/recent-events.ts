/** The latest events as they happen, for a page to show: however many come, it is drawn once a frame. */
import type { Event } from "earmark/client"
import { useEffect, useState } from "react"
import { type EventsAbout, followEvents } from "./follow-events.ts"

interface Recent {
  /** Newest first. */
  readonly events: readonly Event[]
  /** All that have come since the page began to listen. */
  readonly total: number
  /** Why no more come; null as long as they do. */
  readonly error: unknown
}

const NONE: Recent = { events: [], total: 0, error: null }

interface RecentOptions extends EventsAbout {
  /** So many are kept. */
  readonly eventsMax: number
}

/** Begins anew when the filter changes. */
export function useRecentEvents({ sku, reservationId, eventsMax }: RecentOptions): Recent {
  const [recent, setRecent] = useState(NONE)
  useEffect(() => {
    let arrived: Event[] = []
    let arrivedCount = 0
    let frame = 0
    const draw = () => {
      frame = 0
      const [newest, count] = [arrived.reverse(), arrivedCount]
      arrived = []
      arrivedCount = 0
      setRecent(({ events, total, error }) => ({
        error,
        events: [...newest, ...events].slice(0, eventsMax),
        total: total + count,
      }))
    }
    setRecent(NONE)
    const onEvent = (event: Event) => {
      arrivedCount += 1
      arrived.push(event)
      // No frame is drawn of a page that is not seen, for hours perhaps.
      if (arrived.length > 2 * eventsMax) arrived = arrived.slice(-eventsMax)
      frame ||= requestAnimationFrame(draw)
    }
    const onEnd = (error: unknown) => setRecent((before) => ({ ...before, error }))
    const stop = followEvents({ sku, reservationId }, { onEvent, onEnd })
    return () => {
      stop()
      cancelAnimationFrame(frame)
    }
  }, [sku, reservationId, eventsMax])
  return recent
}
