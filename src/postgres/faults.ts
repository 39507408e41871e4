/** What a failed statement or a lost connection means: told apart by SQLSTATE and constraint name, never by message. */
import { EarmarkError } from "../core/errors.ts"

/** A fault of the database as the retry loop sees it. */
export type FaultKind =
  /** Rolled back; the same transaction may well go through now. */
  | "retry"
  /** Rolled back because the server is stuck or has no room: waiting again would only add to it. */
  | "busy"
  /** Nothing was committed, because the server is gone, restarting, or was never reached. */
  | "unavailable"
  /** The connection was lost after the commit was sent. */
  | "unknown"
  /** Rolled back, and it would be again: a mistake of ours or of the data. */
  | "broken"

/** Thrown by `Transaction`: an error with the one thing that the error itself does not say. */
export class TransactionFault extends Error {
  override readonly name = "TransactionFault"
  readonly commitSent: boolean
  override readonly cause: unknown

  constructor(cause: unknown, commitSent: boolean) {
    super(cause instanceof Error ? cause.message : String(cause))
    this.cause = cause
    this.commitSent = commitSent
  }
}

/** Twins meet here: whoever comes second runs again and then finds what the first one wrote. */
const TWIN_CONSTRAINTS = new Set([
  "reservations_pkey",
  "reservations_idempotency_key",
  "adjustments_pkey",
  "adjustments_idempotency_key",
  "stock_levels_sku_location_key",
  // Versions are checked by the optimistic strategy before it writes; this is the net under it.
  "journal_pkey",
])
const UNIQUE_VIOLATION = "23505"
const RETRYABLE = new Set([
  "40001", // serialization_failure
  "40P01", // deadlock_detected
])
const BUSY = new Set([
  "55P03", // lock_not_available: lock_timeout
  "57014", // query_canceled: statement_timeout
  "25P03", // idle_in_transaction_session_timeout
  "53000", // insufficient_resources
  "53100", // disk_full
  "53200", // out_of_memory
  "53300", // too_many_connections
  "53400", // configuration_limit_exceeded
  "25006", // read_only_sql_transaction: a standby that was promoted away from
])

export function faultKind(error: unknown): FaultKind {
  const { cause, commitSent } =
    error instanceof TransactionFault ? error : { cause: error, commitSent: false }
  const { code, constraint, severity } = fieldsOf(cause)
  // Without a SQLSTATE the connection broke; FATAL and PANIC end it. Either way no answer to the commit will come.
  if (code === undefined || severity === "FATAL" || severity === "PANIC") {
    return commitSent ? "unknown" : "unavailable"
  }
  if (RETRYABLE.has(code)) return "retry"
  if (code === UNIQUE_VIOLATION && TWIN_CONSTRAINTS.has(constraint ?? "")) return "retry"
  return BUSY.has(code) ? "busy" : "broken"
}

/** A short word for the metric: the SQLSTATE, or `connection`. */
export function faultReason(error: unknown): string {
  const cause = error instanceof TransactionFault ? error.cause : error
  return fieldsOf(cause).code ?? "connection"
}

/** What the caller is told once retrying is over. */
export function toEarmarkError(error: unknown, kind: FaultKind): EarmarkError {
  if (error instanceof EarmarkError) return error
  const cause = error instanceof TransactionFault ? error.cause : error
  switch (kind) {
    case "retry":
    case "busy":
    case "unavailable":
      return new EarmarkError(
        "unavailable",
        "The database is busy or cannot be reached; nothing was changed.",
        {
          notApplied: true,
          cause,
        },
      )
    case "unknown":
      return new EarmarkError(
        "outcome_unknown",
        "The database went away while the change was being committed; repeat the request with the same key.",
        { cause },
      )
    case "broken":
      return new EarmarkError("internal", "The database refused the change; nothing was changed.", {
        notApplied: true,
        cause,
      })
  }
}

interface ErrorFields {
  readonly code?: string
  readonly constraint?: string
  readonly severity?: string
}

/** A server's error has a five-character SQLSTATE; a socket's error has a `code` such as ECONNRESET. */
function fieldsOf(error: unknown): ErrorFields {
  if (typeof error !== "object" || error === null) return {}
  const { code, constraint, severity } = error as Record<string, unknown>
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code) || typeof severity !== "string") return {}
  return { code, severity, ...(typeof constraint === "string" ? { constraint } : {}) }
}
