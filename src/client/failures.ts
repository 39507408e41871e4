/** How a call can fail: with a problem that the service tells, or without an answer that could be read. */
import type { ErrorCode, InputError, Shortage } from "../protocol/problem.ts"
import type { ProblemTrouble, Trouble, Unanswered } from "./trouble.ts"

/** What the call that failed was about. */
export interface CallFacts {
  readonly attempts: number
  readonly idempotencyKey: string | null
  /** True when it is certain that no try of this call changed anything. */
  readonly notApplied: boolean
}

/**
 * What the service answers instead of what was asked for: a problem document. Match on `code`; `isProblem` narrows to the
 * members that only some codes have.
 */
export class EarmarkProblem<Code extends ErrorCode = ErrorCode> extends Error implements CallFacts {
  override readonly name = "EarmarkProblem"
  readonly code: Code
  readonly status: number
  readonly title: string
  /** For people, as is `message`, which is the same. */
  readonly detail: string
  /** The service's log has it too. */
  readonly requestId: string
  /** Of `invalid_request`: a JSON pointer to each thing that is wrong. Else empty. */
  readonly errors: readonly InputError[]
  readonly shortages: Code extends "insufficient_stock" ? readonly Shortage[] : null
  /** When the service wants to be asked again; null when it does not say. */
  readonly retryAfterMs: number | null
  readonly attempts: number
  readonly idempotencyKey: string | null
  readonly notApplied: boolean

  constructor({ document, retryAfterMs }: ProblemTrouble, facts: CallFacts) {
    super(document.detail)
    this.code = document.code as Code
    this.status = document.status
    this.title = document.title
    this.detail = document.detail
    this.requestId = document.requestId
    this.errors = document.errors ?? []
    this.shortages = (document.shortages ?? null) as typeof this.shortages
    this.retryAfterMs = retryAfterMs
    this.attempts = facts.attempts
    this.idempotencyKey = facts.idempotencyKey
    this.notApplied = facts.notApplied
  }
}

/**
 * No answer, or none of the service: whether the request was carried out is unknown unless `notApplied`. Repeating it with
 * `idempotencyKey` finds out.
 */
export class EarmarkUnanswered extends Error implements CallFacts {
  override readonly name = "EarmarkUnanswered"
  /** `unreadable`: something answered that is not the service, such as a proxy's page. */
  readonly reason: Unanswered["reason"]
  /** Of the answer that could not be read; null where there was none. */
  readonly status: number | null
  readonly attempts: number
  readonly idempotencyKey: string | null
  readonly notApplied: boolean

  constructor({ reason, detail, status, cause }: Unanswered, facts: CallFacts) {
    super(detail, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.status = status
    this.attempts = facts.attempts
    this.idempotencyKey = facts.idempotencyKey
    this.notApplied = facts.notApplied
  }
}

export type EarmarkFailure = EarmarkProblem | EarmarkUnanswered

/** One class for each code, so that a `switch` over `code` narrows. */
export type ProblemOf<Code extends ErrorCode> = Code extends ErrorCode ? EarmarkProblem<Code> : never

/** Whether this is a problem, with one of these codes if any are given. */
export function isProblem<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ProblemOf<Code> {
  if (!(error instanceof EarmarkProblem)) return false
  return codes.length === 0 || codes.some((code) => code === error.code)
}

export function failureOf(trouble: Trouble, facts: CallFacts): EarmarkFailure {
  return trouble.kind === "problem"
    ? new EarmarkProblem(trouble, facts)
    : new EarmarkUnanswered(trouble, facts)
}
