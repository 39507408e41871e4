import type { Engine } from "../engine/engine.ts"
import { type Loop, startLoop } from "./loop.ts"

/** Lines looked at in one pass, the engine's own default. A full pass is followed by the next at once. */
const SWEEP_LIMIT = 10_000

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
