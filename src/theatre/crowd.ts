/**
 * Buyers who ask at once: enough to keep every connection and every batch busy, and few enough that the queues of the
 * strategies that take one command at a time turn nobody away.
 */
const IN_FLIGHT_MAX = 200

export interface Crowd {
  readonly buyers: number
  /** Once it is aborted, nobody asks any more. */
  readonly stopping: AbortSignal
  /** Must not reject. */
  readonly buy: (buyer: number) => Promise<void>
}

/** Resolves when everybody who asked was answered. */
export async function runCrowd({ buyers, stopping, buy }: Crowd): Promise<void> {
  let next = 0
  const oneAfterTheOther = async () => {
    while (next < buyers && !stopping.aborted) {
      next += 1
      await buy(next)
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT_MAX, buyers) }, oneAfterTheOther))
}
