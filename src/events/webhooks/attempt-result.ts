/** What came of one attempt to deliver a message to an endpoint. */

/**
 * Why there is no answer. `reset`: the connection was closed before the answer was complete. `protocol`: what came is not
 * HTTP. `too_large`: the head of the answer is; a long body is cut, and its status counts.
 */
export type UnreachableReason = "dns" | "connect" | "tls" | "timeout" | "reset" | "protocol" | "too_large"

export type AttemptAnswer =
  | { readonly kind: "delivered" }
  /** 410: the endpoint wants nothing any more. */
  | { readonly kind: "gone" }
  /** Any other status, redirects among them. */
  | { readonly kind: "rejected"; readonly retryAfterSeconds: number | null }

export type AttemptFailure =
  | { readonly kind: "refused_address"; readonly detail: string }
  | { readonly kind: "unreachable"; readonly reason: UnreachableReason; readonly detail: string }

/** What is there to record, whatever came of it. */
export interface Attempted {
  readonly durationMs: number
  /** Null when no answer began. */
  readonly status: number | null
  /** How the body of the answer begins. */
  readonly excerpt: string
}

export type AttemptResult = Attempted & (AttemptAnswer | AttemptFailure)
