import type { Engine } from "../engine/engine.ts"
import { type Loop, startLoop } from "./loop.ts"

/**
 * Holds ended in one pass. A pass is one round of transactions that the requests of other clients wait behind at most
 * once; a full one is followed by the next at once, so the number bounds the wait and not the throughput.
 */
const SWEEP_LIMIT = 1000

/** So many ended in one pass say that there are more, even where a rival was quicker with some of those found. */
const SWEEP_MORE = SWEEP_LIMIT / 10

export interface ExpiryLoopOptions {
  readonly intervalMs: number
  readonly onFailure: (error: unknown, pauseMs: number) => void
}

/**
 * Records the end of holds whose deadline has passed. It only tidies: from its deadline on a hold counts as free,
 * also with no loop anywhere (promise L1). Any number of them may run against one database.
 */
export function startExpiryLoop(engine: Pick<Engine, "sweep">, options: ExpiryLoopOptions): Loop {
  const pass = async () => (await engine.sweep(SWEEP_LIMIT)) >= SWEEP_MORE
  return startLoop({ ...options, pass })
}
