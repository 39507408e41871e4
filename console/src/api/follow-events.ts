import type { Event } from "earmark/client"
import { operator } from "./client.ts"
import { watchConnection } from "./connection.ts"

export interface EventsAbout {
  readonly sku?: string | undefined
  readonly reservationId?: string | undefined
}

/** Each event from now on, over any number of connections, until what it returns is called. */
export function followEvents(
  { sku, reservationId }: EventsAbout,
  onEvent: (event: Event) => void,
): () => void {
  const stopping = new AbortController()
  const { onConnection, close } = watchConnection()
  void (async () => {
    const filter = { ...(sku && { sku }), ...(reservationId && { reservationId }) }
    const options = { signal: stopping.signal, onConnection }
    try {
      for await (const { event } of operator.events.stream(filter, options)) onEvent(event)
    } catch {
      // There is no going on, as after a restore: what the page reads says so.
    }
  })()
  return () => {
    stopping.abort()
    close()
  }
}
