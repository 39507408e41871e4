/**
 * The one place from an outcome or an error to a status and a problem document. The statuses and titles of whatever is
 * not a success come from the table in `core/errors.ts`.
 */
import type { FastifyReply } from "fastify"
import type { Outcome, Shortage } from "../core/commands.ts"
import { EarmarkError, ERRORS, type ErrorCode, type InputError } from "../core/errors.ts"
import { inputErrorDetail } from "../protocol/input-errors.ts"
import { EXPLAIN_PATH, type Problem, problemType } from "../protocol/problem.ts"

export const PROBLEM_CONTENT_TYPE = "application/problem+json"

/** Seconds after which a caller may try again: a restart or a failover takes about that long, or will be retried. */
const RETRY_AFTER_SECONDS = "1"

/** An outcome that the caller did not want: its name is an error code. */
export type Refusal = Outcome & { readonly outcome: ErrorCode }

export interface Trouble {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors?: readonly InputError[]
  readonly shortages?: readonly Shortage[]
  readonly explain?: string
  /** True when it is certain that the request changed nothing. A 4xx says so by itself (promise X1). */
  readonly notApplied?: boolean
}

/** Sets status and headers, and returns the document to be sent. */
export function toProblem(reply: FastifyReply, trouble: Trouble): Problem {
  const { status } = ERRORS[trouble.code]
  reply.code(status).type(PROBLEM_CONTENT_TYPE)
  if (status === 503) {
    reply.header("retry-after", RETRY_AFTER_SECONDS)
    if (trouble.notApplied) reply.header("outcome", "not-applied")
  }
  return problemDocument(trouble, reply.request.id)
}

export function problemDocument(trouble: Trouble, requestId: string): Problem {
  const { code, detail, errors, shortages, explain } = trouble
  const { title, status } = ERRORS[code]
  return {
    type: problemType(code),
    title,
    status,
    detail,
    code,
    requestId,
    ...(errors && errors.length > 0 && { errors: [...errors] }),
    ...(shortages && { shortages: [...shortages] }),
    ...(explain && { explain }),
  }
}

export function refusalTrouble(refusal: Refusal): Trouble {
  const code = refusal.outcome
  switch (refusal.outcome) {
    case "insufficient_stock":
      return {
        code,
        detail: shortageDetail(refusal.shortages),
        shortages: refusal.shortages,
        explain: EXPLAIN_PATH,
      }
    case "item_not_found":
      return { code, detail: `There is no item ${refusal.sku}.` }
    case "location_not_found":
      return { code, detail: `There is no location ${refusal.location}.` }
    case "reservation_not_found":
      return { code, detail: "There is no reservation with this id, or it is somebody else's." }
    case "reservation_revoked":
      return {
        code,
        detail: `Reservation ${refusal.id} was provisional and could not be kept: reserve again.`,
      }
    case "idempotency_key_reused":
      return {
        code,
        detail: "This idempotency key came before with another body: use a new key for a new request.",
      }
    case "reservation_confirmed":
    case "reservation_released":
    case "reservation_expired":
      return { code, detail: `Reservation ${refusal.reservation.id} is ${refusal.reservation.state}.` }
    case "lifetime_exceeded":
      return {
        code,
        detail: `Reservation ${refusal.reservation.id} cannot be held for that long: it is unchanged.`,
      }
    case "stock_below_held": {
      const { sku, location, onHand, held } = refusal.level
      return { code, detail: `${sku} at ${location} has ${onHand} units on hand, of which ${held} are held.` }
    }
    case "invalid_request":
      return { code, detail: inputErrorDetail(refusal.errors), errors: refusal.errors }
  }
}

/** What an error thrown anywhere while a request was being answered means for the caller. */
export function errorTrouble(error: unknown): Trouble {
  if (error instanceof EarmarkError) {
    const { code, message, errors, notApplied } = error
    // An outcome that is unknown may have been applied, whatever the thrower says.
    return { code, detail: message, errors, notApplied: notApplied && code !== "outcome_unknown" }
  }
  const framework = frameworkCode(error)
  if (framework === "invalid_request") return UNREADABLE
  if (framework) return { code: framework, detail: FRAMEWORK_DETAIL[framework] }
  return { code: "internal", detail: "The service failed while answering. The log has the request's id." }
}

type FrameworkCode = "body_too_large" | "unsupported_media_type" | "invalid_request"

const UNREADABLE: Trouble = {
  code: "invalid_request",
  detail: "The request could not be read: its path, its length or its body is malformed.",
  errors: [{ pointer: "", message: "must have a well-formed path, length and body" }],
}

const FRAMEWORK_DETAIL: Record<Exclude<FrameworkCode, "invalid_request">, string> = {
  body_too_large: "The body is larger than 64 KiB.",
  unsupported_media_type: "The body must be JSON: send Content-Type: application/json.",
}

/** Fastify's own errors, by their stable codes. */
function frameworkCode(error: unknown): FrameworkCode | undefined {
  if (!(error instanceof Error)) return undefined
  const code = "code" in error ? error.code : undefined
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return "body_too_large"
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return "unsupported_media_type"
  const status = "statusCode" in error ? error.statusCode : undefined
  return typeof status === "number" && status >= 400 && status < 500 ? "invalid_request" : undefined
}

function shortageDetail(shortages: readonly Shortage[]): string {
  const [first] = shortages
  if (!first) return "Too few units are available."
  const where = first.location === undefined ? "" : ` at ${first.location}`
  const more = shortages.length > 1 ? ` (and ${shortages.length - 1} more)` : ""
  return `Too few units of ${first.sku}${where}: ${first.requested} requested, ${first.available} available${more}.`
}
