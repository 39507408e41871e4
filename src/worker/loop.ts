import { pauseFor } from "../engine/pause.ts"

/**
 * Pauses after a pass that failed: doubled each time up to the longest, and shortened at random by up to a half, so that
 * many processes do not come back at one moment. Ten seconds keep promise L3 (normal 30 s after the last fault).
 */
const FAILURE_PAUSE_MIN_MS = 250
const FAILURE_PAUSE_MAX_MS = 10_000

export interface LoopOptions {
  /** One pass. Resolves to true when it left work behind, so that the next pass follows at once. */
  readonly pass: () => Promise<boolean>
  /** Pause after a pass that left nothing behind. */
  readonly intervalMs: number
  /** Told of every pass that failed; the loop goes on after the pause. */
  readonly onFailure: (error: unknown, pauseMs: number) => void
  /** Resolves after the pause, or at once when the signal is aborted. For tests. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
  /** 0 to 1. For tests. */
  readonly random?: () => number
}

export interface Loop {
  /** Resolves when the pass in flight is over and none follows. May be called again. */
  stop(): Promise<void>
}

/** Runs passes one after another until it is stopped; no failure ends it. */
export function startLoop(options: LoopOptions): Loop {
  const stopping = new AbortController()
  const ended = run(options, stopping.signal)
  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}

async function run(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { pass, intervalMs, onFailure, pause = pauseFor, random = Math.random } = options
  let failures = 0
  while (!signal.aborted) {
    let pauseMs = intervalMs
    try {
      const moreIsLeft = await pass()
      failures = 0
      if (moreIsLeft) continue
    } catch (error) {
      failures += 1
      pauseMs = failurePauseMs(failures, random())
      onFailure(error, pauseMs)
    }
    await pause(pauseMs, signal)
  }
}

/** @param failures how many passes have failed in a row, from 1 */
function failurePauseMs(failures: number, random: number): number {
  const longest = Math.min(FAILURE_PAUSE_MAX_MS, FAILURE_PAUSE_MIN_MS * 2 ** (failures - 1))
  return Math.round(longest * (1 - random / 2))
}
