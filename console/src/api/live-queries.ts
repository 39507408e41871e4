/** What was read is read again when events say that it has changed. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query"
import { useEffect, useRef } from "react"
import { type EventsAbout, followEvents } from "./follow-events.ts"

/** A burst of events is looked at once. */
const SETTLE_MS = 400

/**
 * Keeps everything whose key begins with one of these as new as the events about it. Reading takes as long as it takes:
 * whatever happens meanwhile is looked at once more afterwards, so that a busy service is not asked all the time.
 */
export function useLiveQueries({ sku, reservationId }: EventsAbout, keys: readonly QueryKey[]): void {
  const queries = useQueryClient()
  const reading = useRef({ isDue: false, isUnderWay: false })
  const readAgain = async () => {
    const state = reading.current
    state.isDue = true
    if (state.isUnderWay) return
    state.isUnderWay = true
    while (state.isDue) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      state.isDue = false
      await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })))
    }
    state.isUnderWay = false
  }
  const latest = useRef(readAgain)
  latest.current = readAgain
  useEffect(
    () => followEvents({ sku, reservationId }, { onEvent: () => void latest.current() }),
    [sku, reservationId],
  )
}
