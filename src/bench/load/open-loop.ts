/**
 * Open loop: requests are sent by the clock, whether or not the ones before were answered, and a latency counts from
 * when its request was due. A system that falls behind shows it, where a closed loop would kindly wait.
 */
import { setTimeout as pause } from "node:timers/promises"
import { createHistogram, recordMs } from "../latency.ts"
import type { Timed } from "./closed-loop.ts"

/** Unanswered requests: bounds the memory. Those that wait for others to be answered grow older by their due time. */
const UNANSWERED_MAX = 10_000
/** The shortest that a timer can; it adds up to its length to a latency. */
const TICK_MS = 1

export interface OpenLoop {
  readonly perSecond: number
  /** Asked with the seconds since the start: nothing is sent from then on. */
  readonly isOver: (seconds: number) => boolean
  readonly ask: (index: number) => Promise<void>
}

export async function runOpenLoop({ perSecond, isOver, ask }: OpenLoop): Promise<Timed> {
  const latencies = createHistogram()
  const failures: unknown[] = []
  const unanswered = new Set<Promise<void>>()
  const startedMs = performance.now()
  const elapsed = () => (performance.now() - startedMs) / 1000
  const send = (index: number) => {
    const dueMs = startedMs + (index / perSecond) * 1000
    const answered = ask(index)
      .then(
        () => recordMs(latencies, performance.now() - dueMs),
        (error: unknown) => failures.push(error),
      )
      .then(() => {
        unanswered.delete(answered)
      })
    unanswered.add(answered)
  }
  let sent = 0
  for (let seconds = elapsed(); !isOver(seconds) && failures.length === 0; seconds = elapsed()) {
    const due = Math.floor(seconds * perSecond) + 1
    for (; sent < due && unanswered.size < UNANSWERED_MAX; sent += 1) send(sent)
    await pause(TICK_MS)
  }
  await Promise.all(unanswered)
  if (failures.length > 0) throw failures[0]
  return { answers: sent, seconds: elapsed(), latencies }
}
