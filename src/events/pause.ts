import { setTimeout as timer } from "node:timers/promises"

/** Resolves after the pause, or at once when the signal is aborted. */
export async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await timer(ms, undefined, signal && { signal })
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
