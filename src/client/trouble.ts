/** What came of a try that did not succeed, and what can be known from it. */
import type { Problem } from "../protocol/problem.ts"

export interface ProblemTrouble {
  readonly kind: "problem"
  readonly document: Problem
  readonly status: number
  readonly retryAfterMs: number | null
  readonly notApplied: boolean
}

export interface Unanswered {
  readonly kind: "unanswered"
  readonly reason: "unreachable" | "timed_out" | "unreadable"
  readonly detail: string
  readonly status: number | null
  readonly retryAfterMs: number | null
  readonly notApplied: boolean
  readonly cause?: unknown
}

export type Trouble = ProblemTrouble | Unanswered

const TOO_MANY_REQUESTS = 429

export function unreachable(cause: unknown): Unanswered {
  const detail = "The service could not be reached, or the connection broke."
  return { kind: "unanswered", reason: "unreachable", detail, ...NOTHING, cause }
}

export function timedOut(what: string): Unanswered {
  return { kind: "unanswered", reason: "timed_out", detail: `${what} in time.`, ...NOTHING }
}

const NOTHING = { status: null, retryAfterMs: null, notApplied: false } as const

/** Of an answer that is not a success. Promise X1 says of which it is certain that they changed nothing. */
export function troubleOf(response: Response, text: string): Trouble {
  const { status, headers } = response
  const retryAfterMs = retryAfterOf(headers)
  const document = problemOf(text)
  if (document === null) return unreadable(response, retryAfterMs)
  const notApplied = status < 500 || headers.get("outcome") === "not-applied"
  return { kind: "problem", document, status, retryAfterMs, notApplied }
}

/** Something between here and the service has answered; only from a refusal of more requests does anything follow. */
export function unreadable({ status }: Response, retryAfterMs: number | null = null): Unanswered {
  const detail = `What answered with the status ${status} does not speak as the service does.`
  const notApplied = status === TOO_MANY_REQUESTS
  return { kind: "unanswered", reason: "unreadable", detail, status, retryAfterMs, notApplied }
}

/** A problem that comes at the end of a stream. */
export function problemInStream(document: Problem): ProblemTrouble {
  return { kind: "problem", document, status: document.status, retryAfterMs: null, notApplied: true }
}

/** Null when it is no problem document. */
export function problemOf(text: string): Problem | null {
  const value = parsed(text)
  if (typeof value !== "object" || value === null) return null
  const { code, status, title, detail } = value as Partial<Problem>
  const isProblem =
    typeof code === "string" &&
    typeof status === "number" &&
    typeof title === "string" &&
    typeof detail === "string"
  return isProblem ? (value as Problem) : null
}

/** Undefined when it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Seconds, or a date, which is taken by the clock of whoever wrote it: ours may be wrong. */
function retryAfterOf(headers: Headers): number | null {
  const value = headers.get("retry-after")
  if (value === null) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const ms = Date.parse(value) - Date.parse(headers.get("date") ?? new Date().toUTCString())
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}
