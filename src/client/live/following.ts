/** What streams have in common: a connection after the other, until the caller has enough or there is no going on. */
import { type Context, within } from "../context.ts"
import { failureOf } from "../failures.ts"
import type { FollowOptions } from "../options.ts"
import { isPassing, pauseMs } from "../retry.ts"
import type { Trouble } from "../trouble.ts"

/** What came of a connection: why it ended, and whether anything had come over it. */
export interface Ended {
  /** Null: there is nothing more to come, and no need to connect again. */
  readonly trouble: Trouble | null
  readonly hasLived: boolean
}

export interface Following<Told> {
  readonly context: Context
  readonly options: FollowOptions
  /** Yields what is told, and returns when the connection is over; ends with the caller's signal too. */
  connect(): AsyncGenerator<Told, Ended>
}

/**
 * Goes on for as long as it is asked to: whoever follows something wants it back after any outage. Pauses are bounded, and
 * told through `onConnection`.
 */
export async function* follow<Told>(following: Following<Told>): AsyncGenerator<Told, void> {
  const { context, options } = following
  const { signal, onConnection } = options
  let failures = 0
  while (!signal?.aborted) {
    const { trouble, hasLived } = yield* following.connect()
    if (signal?.aborted || trouble === null) return
    const facts = { attempts: failures + 1, idempotencyKey: null, notApplied: true }
    const failure = failureOf(trouble, facts)
    if (!isPassing(trouble)) throw failure
    failures = hasLived ? 1 : failures + 1
    const retryInMs = pauseMs(context, failures, trouble)
    onConnection?.({ state: "lost", failure, retryInMs })
    await context.pause(retryInMs, signal).catch(unlessAborted(signal))
  }
}

export function silenceMsMaxOf({ silenceMsMax }: FollowOptions, otherwise: number): number {
  return within("silenceMsMax", silenceMsMax ?? otherwise)
}

/** What is aborted ends quietly. */
export function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => undefined {
  return (error) => {
    if (!signal?.aborted) throw error
  }
}
