/** The service's clock, the only one that decides a deadline: this machine's may be wrong by hours. */
import { useSyncExternalStore } from "react"
import { shop } from "./client.ts"

/** Fast enough for seconds to fall on time, slow enough to cost nothing. */
const TICK_MS = 200
/** Clocks drift by some milliseconds an hour, but machines are put to sleep, and their clocks set. */
const SYNC_INTERVAL_MS = 60_000
/** After an attempt that failed. */
const SYNC_AGAIN_MS = 3_000

/** How far the service's clock is ahead of this machine's; null until the first answer. */
let aheadMs: number | null = null
let nowMs = Date.now()
const listeners = new Set<() => void>()
let ticking: ReturnType<typeof setInterval> | undefined
let syncing: ReturnType<typeof setTimeout> | undefined

/**
 * The service's time in ms, counting on; null until it is known. Half of the answer's way is taken for its way back, so it is
 * wrong by less than the whole way.
 */
export function useServerNow(): number | null {
  return useSyncExternalStore(subscribe, () => (aheadMs === null ? null : nowMs + aheadMs))
}

/** Whether that moment is there, by the service's clock; false until that is known. */
export function useIsReached(atMs: number): boolean {
  return useSyncExternalStore(subscribe, () => aheadMs !== null && nowMs + aheadMs >= atMs)
}

function subscribe(onTick: () => void): () => void {
  listeners.add(onTick)
  if (listeners.size === 1) start()
  return () => {
    listeners.delete(onTick)
    if (listeners.size === 0) stop()
  }
}

function start(): void {
  // Since it was last looked at, minutes may have passed.
  nowMs = Date.now()
  ticking = setInterval(tick, TICK_MS)
  document.addEventListener("visibilitychange", syncWhenSeen)
  void sync()
}

function stop(): void {
  clearInterval(ticking)
  clearTimeout(syncing)
  document.removeEventListener("visibilitychange", syncWhenSeen)
}

function tick(): void {
  nowMs = Date.now()
  for (const onTick of listeners) onTick()
}

function syncWhenSeen(): void {
  if (!document.hidden) void sync()
}

async function sync(): Promise<void> {
  clearTimeout(syncing)
  let againInMs = SYNC_INTERVAL_MS
  try {
    const askedMs = performance.now()
    const { now } = await shop.clock.now({ retries: 0 })
    const wayMs = performance.now() - askedMs
    aheadMs = Date.parse(now) + wayMs / 2 - Date.now()
    tick()
  } catch {
    // The last known difference is still right, and pages say themselves when nothing answers.
    againInMs = SYNC_AGAIN_MS
  }
  clearTimeout(syncing)
  if (listeners.size > 0) syncing = setTimeout(sync, againInMs)
}
