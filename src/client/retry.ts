/** Whether a try that did not succeed is made again, and when. */
import type { Operation } from "./operation.ts"
import type { Trouble } from "./trouble.ts"

const TOO_MANY_REQUESTS = 429
/** What may be another answer in a moment. */
const PASSING = new Set([500, 502, 503, 504])

/**
 * What certainly changed nothing may be sent again, whatever it is; what may have been carried out, only if doing it again
 * changes nothing more. A refusal is an answer: another 4xx is never asked for twice.
 */
export function mayTryAgain({ repeating }: Pick<Operation, "repeating">, trouble: Trouble): boolean {
  if (!isPassing(trouble)) return false
  return trouble.notApplied || repeating === "changes-nothing"
}

/** Whether the same may be answered in another way later. */
export function isPassing({ status }: Trouble): boolean {
  return status === null || status === TOO_MANY_REQUESTS || PASSING.has(status)
}

export interface Backoff {
  readonly backoffMs: number
  readonly backoffMsMax: number
  readonly random: () => number
}

/**
 * Full jitter: anything from nothing to twice as much each time, so that clients who failed together do not come back
 * together (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). It comes on top of what the
 * service asks for, as that is the same for all of them.
 *
 * @param failures in a row, at least one
 */
export function pauseMs(
  { backoffMs, backoffMsMax, random }: Backoff,
  failures: number,
  { retryAfterMs }: Pick<Trouble, "retryAfterMs">,
): number {
  const most = Math.min(backoffMsMax, backoffMs * 2 ** (failures - 1))
  return (retryAfterMs ?? 0) + Math.round(random() * most)
}
