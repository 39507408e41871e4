import type { Event, EventStream } from "earmark/client"
import { operator } from "./client.ts"
import { watchConnection } from "./connection.ts"

export interface EventsAbout {
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
}

interface Followed {
  readonly onEvent: (event: Event) => void
  /** Told when there is no going on: the filter is wrong, or what comes next is not kept any more. */
  readonly onEnd?: (error: unknown) => void
}

/**
 * Each event from now on, over any number of connections, until what it returns is called. A tab that is not seen follows
 * nothing: a browser opens six connections to a service, and the seventh tab would wait for ever. Seen again, it goes on where
 * it was.
 */
export function followEvents({ sku, reservationId }: EventsAbout, followed: Followed): () => void {
  const filter = { ...(sku && { sku }), ...(reservationId && { reservationId }) }
  let place: string | null = null
  let pause = () => {}
  const begin = () => {
    const stopping = new AbortController()
    const { onConnection, close } = watchConnection()
    const options = { signal: stopping.signal, onConnection }
    const stream = operator.events.stream({ ...filter, ...(place !== null && { after: place }) }, options)
    void tellAll(stream, followed)
    return () => {
      place = stream.cursor
      stopping.abort()
      close()
    }
  }
  const followWhileSeen = () => {
    pause()
    pause = document.hidden ? () => {} : begin()
  }
  document.addEventListener("visibilitychange", followWhileSeen)
  followWhileSeen()
  return () => {
    document.removeEventListener("visibilitychange", followWhileSeen)
    pause()
  }
}

async function tellAll(stream: EventStream, { onEvent, onEnd }: Followed): Promise<void> {
  try {
    for await (const { event } of stream) onEvent(event)
  } catch (error) {
    onEnd?.(error)
  }
}
