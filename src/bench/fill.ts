/** Fills tables through the engine, as fast as it goes, before anything is measured. */
import type { Surroundings } from "./scenario.ts"

/** Enough to fill every batch of every lane. */
const IN_FLIGHT = 2048
/** Between two reports of how far it is. */
const SAY_MS = 1000

export interface Fill {
  readonly count: number
  /** What there will be so many of. */
  readonly what: string
  readonly make: (index: number) => Promise<void>
}

/** @throws the reason of `stopping` once it is aborted */
export async function fill({ say, stopping }: Surroundings, { count, what, make }: Fill): Promise<void> {
  const all = count.toLocaleString("en")
  let next = 0
  let saidMs = performance.now()
  const makeSome = async () => {
    for (let index = next++; index < count; index = next++) {
      stopping.throwIfAborted()
      await make(index)
      if (performance.now() - saidMs < SAY_MS) continue
      saidMs = performance.now()
      say(`${index.toLocaleString("en")} of ${all} ${what}`)
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(IN_FLIGHT, count) }, makeSome))
  const failure = results.find((result) => result.status === "rejected")
  if (failure) throw failure.reason
}
