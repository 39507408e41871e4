/** From what is thrown while an endpoint is talked to, to what is recorded of it. */
import { errors } from "undici"
import type { AttemptFailure, UnreachableReason } from "./attempt-result.ts"
import { storableText } from "./storable-text.ts"

/** Thrown where it is known best what the matter is. */
export class EndpointFailure extends Error {
  override readonly name = "EndpointFailure"
  readonly reason: UnreachableReason | "refused_address"

  constructor(reason: EndpointFailure["reason"], message: string, cause?: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}

/** Characters of a detail: some of it is the endpoint's own words. */
const DETAIL_LENGTH_MAX = 200

/** What no endpoint can cause: a request that undici refuses to make, or one after the end. */
const { InvalidArgumentError, ClientClosedError, ClientDestroyedError } = errors

/**
 * Whatever is not known to be our own mistake is the endpoint's doing: were it thrown, an endpoint that found a way to
 * cause it would hold up the deliveries to all others.
 *
 * @throws the error itself when it is our own mistake
 */
export function failureOf(error: unknown): AttemptFailure {
  if (error instanceof EndpointFailure) {
    const { reason, message } = error
    const detail = shortened(message)
    return reason === "refused_address" ? { kind: reason, detail } : { kind: "unreachable", reason, detail }
  }
  if (
    [InvalidArgumentError, ClientClosedError, ClientDestroyedError].some(
      (mistake) => error instanceof mistake,
    )
  ) {
    throw error
  }
  const detail = shortened(error instanceof Error ? error.message || error.name : String(error))
  return { kind: "unreachable", reason: reasonOf(error), detail }
}

/** Of a connection that was made. */
function reasonOf(error: unknown): UnreachableReason {
  if (error instanceof errors.HeadersOverflowError) return "too_large"
  return error instanceof errors.HTTPParserError ? "protocol" : "reset"
}

function shortened(text: string): string {
  return storableText(text.length <= DETAIL_LENGTH_MAX ? text : `${text.slice(0, DETAIL_LENGTH_MAX - 1)}…`)
}
