import { setTimeout as sleep } from "node:timers/promises"
import type { Client } from "pg"
import type { Cluster } from "./cluster.ts"
import { connect, type Server } from "./connection.ts"
import { isAlive, readPostmasterFile } from "./postmaster-file.ts"

/**
 * Whoever holds this session advisory lock on the database `postgres` owns the server: the kernel closes the socket of
 * a killed owner, Postgres then frees the lock, and no pid file of ours can be stale. The number spells "Earm".
 */
const OWNER_LOCK = 0x4561726d

/** A backend notices the closed socket of a killed owner within milliseconds; a busy machine needs longer. */
const OWNER_GONE_MS_MAX = 2_000
const OWNER_POLL_MS = 50

/** Postgres needs about this long to restart its backends after one of them crashed. */
const REGAIN_PAUSE_MS = 250

/** `lost`: the connection went away, most likely because the former owner is stopping the server. */
export async function takeOwnership(client: Client): Promise<"taken" | "in use" | "lost"> {
  const deadline = performance.now() + OWNER_GONE_MS_MAX
  for (;;) {
    try {
      if (await tryLock(client)) return "taken"
    } catch {
      return "lost"
    }
    if (performance.now() > deadline) return "in use"
    await sleep(OWNER_POLL_MS)
  }
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1::bigint) as taken",
    [OWNER_LOCK],
  )
  return rows[0]?.taken === true
}

export interface Ownership {
  /** False once another process has the server, which is then not ours to stop. */
  isHeld(): boolean
  /** Call when the server stops or has stopped: no connection is made from here on. */
  end(): void
  /** Closes the connection, and with it frees the lock. */
  close(): Promise<void>
}

/**
 * Keeps the lock of a server that we own. When one backend crashes, Postgres ends them all, ours too, and goes on:
 * without taking the lock again a second Earmark would believe that the server has no owner.
 *
 * @param onGone told once when the server itself has gone without having been asked to
 */
export function keepOwnership(cluster: Cluster, server: Server, onGone: () => void): Ownership {
  let client = server.client
  let held = true
  let ended = false

  function watch(): void {
    client.once("end", () => {
      if (!ended) setTimeout(regain, REGAIN_PAUSE_MS).unref()
    })
  }

  function regain(): void {
    void tryToRegain()
      .catch(() => "again" as const)
      .then((result) => {
        if (result === "again" && !ended) setTimeout(regain, REGAIN_PAUSE_MS).unref()
      })
  }

  async function tryToRegain(): Promise<"again" | "done"> {
    if (ended) return "done"
    if (!isAlive(server.pid) || (await readPostmasterFile(cluster.folder))?.pid !== server.pid) {
      if (!ended) onGone()
      return "done"
    }
    const next = await connect(cluster, server.port, "postgres")
    const result = ended ? "lost" : await takeOwnership(next)
    if (result === "taken" && !ended) {
      client = next
      watch()
      return "done"
    }
    await next.end().catch(() => {})
    if (result === "in use") held = false
    return result === "lost" ? "again" : "done"
  }

  watch()
  return {
    isHeld: () => held,
    end: () => {
      ended = true
    },
    close: () => client.end().catch(() => {}),
  }
}
