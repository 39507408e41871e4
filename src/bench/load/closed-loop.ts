/** Closed loop: every caller asks again as soon as it is answered. Finds the highest rate, and hides queueing. */
import type { Histogram } from "hdr-histogram-js"
import { createHistogram, recordMs } from "../latency.ts"

export interface Timed {
  readonly answers: number
  /** Until the last one was answered. */
  readonly seconds: number
  readonly latencies: Histogram
}

export interface ClosedLoop {
  readonly callers: number
  /** After this nobody asks again. */
  readonly seconds: number
  /** Nor once so many have asked. */
  readonly asksMax?: number | undefined
  /** Nor once it is aborted. */
  readonly stopping?: AbortSignal
  /** Resolves when the caller has its answer. */
  readonly ask: (caller: number) => Promise<void>
}

export async function runClosedLoop(loop: ClosedLoop): Promise<Timed> {
  const { callers, seconds, ask, asksMax = Number.POSITIVE_INFINITY, stopping } = loop
  const latencies = createHistogram()
  const startedMs = performance.now()
  const endMs = startedMs + seconds * 1000
  let asked = 0
  let failed = false
  const isOver = (nowMs: number) =>
    nowMs >= endMs || asked >= asksMax || failed || (stopping?.aborted ?? false)
  const call = async (caller: number) => {
    for (let nowMs = performance.now(); !isOver(nowMs); nowMs = performance.now()) {
      asked += 1
      await ask(caller)
      recordMs(latencies, performance.now() - nowMs)
    }
  }
  const calls = Array.from({ length: callers }, (_, caller) =>
    call(caller).catch((error: unknown) => {
      failed = true
      throw error
    }),
  )
  // All of them, also after a failure: what is measured next must not meet callers of this round.
  const results = await Promise.allSettled(calls)
  const failure = results.find((result) => result.status === "rejected")
  if (failure) throw failure.reason
  return { answers: asked, seconds: (performance.now() - startedMs) / 1000, latencies }
}
