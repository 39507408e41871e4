import { setTimeout as timer } from "node:timers/promises"

/**
 * Resolves after the pause, or at once when the signal is aborted. The timer keeps the process alive: one whose only task is a
 * loop has not finished while it pauses.
 */
export async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await timer(ms, undefined, signal && { signal })
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
