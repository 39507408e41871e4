/** When a delivery that failed is attempted again. */
import { RETRY_AFTER_SECONDS_MAX } from "./retry-after.ts"

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/**
 * The pause after each failure, from the first. Seconds for a restart or a lost connection, minutes for a deployment, hours
 * for an outage that a person has to see; 23 h 43 min together, so that whoever mends it on the next working day still gets
 * everything. Each is longer than the one before even when that was lengthened and this one shortened.
 */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  1 * HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  7 * HOUR_MS,
  9 * HOUR_MS,
]

/** Up to this part longer or shorter: what failed together, because an endpoint was down, does not come back together. */
const JITTER = 0.1

/** After so many failures the delivery is a dead letter. */
export const ATTEMPTS_MAX = PAUSES_MS.length + 1

export interface Failed {
  /** How many attempts have failed, from 1. */
  readonly attempts: number
  /** What the last answer asked for, if it did. */
  readonly retryAfterSeconds: number | null
}

/**
 * @param random from 0 to 1
 * @returns null when there shall be no other attempt
 */
export function pauseBeforeNextMs({ attempts, retryAfterSeconds }: Failed, random: number): number | null {
  const pauseMs = PAUSES_MS[attempts - 1]
  if (pauseMs === undefined) return null
  const askedMs = Math.min(retryAfterSeconds ?? 0, RETRY_AFTER_SECONDS_MAX) * SECOND_MS
  // Sooner than asked would be rude, and sooner than the schedule would let an endpoint use up its attempts in a minute.
  return Math.round(Math.max(pauseMs * (1 - JITTER + 2 * JITTER * random), askedMs * (1 + JITTER * random)))
}
