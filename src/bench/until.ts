import { setTimeout as pause } from "node:timers/promises"

const LOOK_AGAIN_MS = 50

/** Looks again and again. @returns what was seen in the end */
export async function until<T>(
  look: () => Promise<T>,
  isEnough: (seen: T) => boolean,
  stopping: AbortSignal,
): Promise<T> {
  for (;;) {
    const seen = await look()
    if (isEnough(seen)) return seen
    stopping.throwIfAborted()
    await pause(LOOK_AGAIN_MS)
  }
}
