/** Whether what is followed live is there; the frame of the page says so when it is not. */
import type { Connection } from "earmark/client"
import { useSyncExternalStore } from "react"

const lost = new Map<symbol, Connection>()
const listeners = new Set<() => void>()
let isLost = false

/** For the `onConnection` of one thing that is followed; `close` when it is not followed any more. */
export function watchConnection(): { onConnection(connection: Connection): void; close(): void } {
  const follower = Symbol("follower")
  return {
    onConnection(connection) {
      if (connection.state === "open") lost.delete(follower)
      else lost.set(follower, connection)
      tell()
    },
    close() {
      lost.delete(follower)
      tell()
    },
  }
}

export function useIsConnectionLost(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      listeners.add(onChange)
      return () => listeners.delete(onChange)
    },
    () => isLost,
  )
}

function tell(): void {
  if (isLost === lost.size > 0) return
  isLost = lost.size > 0
  for (const onChange of listeners) onChange()
}
