import { setTimeout as sleep } from "node:timers/promises"
import type { Server } from "./connection.ts"
import { keepOwnership } from "./ownership.ts"
import { signalPostmasterNow, stopPostmaster } from "./postmaster.ts"
import { type Start, startServer } from "./start-server.ts"

/** Between two tries to bring a server back that does not start: its disk may be full, or its port taken. */
const REVIVE_PAUSE_MS = 1_000

export interface Supervision {
  /** Stops the server, and waits for it. */
  stop(): Promise<void>
  /** Tells the server to stop, and does not wait. */
  stopNow(): void
}

/** Keeps a server that we own running: one that dies is started again where its clients know it (promise L3). */
export function supervise(start: Start, first: Server): Supervision {
  const { cluster, binaries, log } = start
  const stopping = new AbortController()
  let server = first
  let reviving = Promise.resolve()
  const keep = () =>
    keepOwnership(cluster, server, () => {
      reviving = revive()
    })
  let ownership = keep()

  async function revive(): Promise<void> {
    log("Postgres has gone; starting it again")
    while (!stopping.signal.aborted) {
      try {
        server = (await startServer({ ...start, port: first.port })).server
        ownership = keep()
        // Told to stop while it was starting.
        if (stopping.signal.aborted) stopServerNow()
        return
      } catch (error) {
        log(error instanceof Error ? error.message : String(error))
        await sleep(REVIVE_PAUSE_MS, undefined, { signal: stopping.signal, ref: false }).catch(
          () => undefined,
        )
      }
    }
  }

  function stopServerNow(): void {
    ownership.end()
    if (ownership.isHeld())
      signalPostmasterNow(server.pid, "INT", { clusterFolder: cluster.folder, binaries })
  }

  return {
    async stop() {
      stopping.abort()
      ownership.end()
      await reviving
      ownership.end()
      // The lock is held until the server is down: nobody may take over one that is about to stop.
      if (ownership.isHeld()) await stopPostmaster(cluster.folder, server.pid, binaries)
      await ownership.close()
    },
    stopNow() {
      stopping.abort()
      stopServerNow()
    },
  }
}
