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

/** Thrown by `Connection`: an error with the one thing that the error itself does not say. */
export class TransactionFault extends Error {
  override readonly name = "TransactionFault"
  /** A commit was sent and has not been answered: it may have gone through. */
  readonly commitOpen: boolean
  override readonly cause: unknown

  constructor(cause: unknown, commitOpen: boolean) {
    super(cause instanceof Error ? cause.message : String(cause))
    this.cause = cause
    this.commitOpen = commitOpen
  }
}

/** Twins meet here: whoever comes second runs again and then finds what the first one wrote. */
const TWIN_CONSTRAINTS = new Set([
  "reservations_pkey",
  "idempotency_keys_pkey",
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
  "53000", // insufficient_resources
  "53100", // disk_full
  "53200", // out_of_memory
  "53300", // too_many_connections
  "53400", // configuration_limit_exceeded
  "42P01", // undefined_table, and
  "3F000", // invalid_schema_name: not migrated yet
  "25006", // read_only_sql_transaction: a standby that was promoted away from
])

/** Errors that end the connection. Told by code: what the server calls severe is in the language of its messages. */
const FATAL = /^(?:08...|57P0.|25P0[34])$/
/** After these a commit that failed may have been written all the same: the disk, or the server itself, gave up. */
const DOUBTFUL = /^(?:53|58|XX)/

export function faultKind(error: unknown): FaultKind {
  const { cause, commitOpen } =
    error instanceof TransactionFault ? error : { cause: error, commitOpen: false }
  const state = sqlStateOf(cause)
  // Without a SQLSTATE the connection broke, if it was a connection that said so; else it is a mistake of ours.
  if (state === undefined && !(error instanceof TransactionFault)) return "broken"
  if (state === undefined || FATAL.test(state)) return commitOpen ? "unknown" : "unavailable"
  if (commitOpen && DOUBTFUL.test(state)) return "unknown"
  if (RETRYABLE.has(state)) return "retry"
  if (state === UNIQUE_VIOLATION && TWIN_CONSTRAINTS.has(constraintOf(cause))) return "retry"
  return BUSY.has(state) ? "busy" : "broken"
}

/** Whether the connection can go on being used: the server has answered, and has not ended it. */
export function isOrdinary(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state !== undefined && !FATAL.test(state)
}

export function isSqlState(error: unknown, state: string): boolean {
  return sqlStateOf(error instanceof TransactionFault ? error.cause : error) === state
}

/** A short word for the metric: the SQLSTATE, or `connection`. */
export function faultReason(error: unknown): string {
  return sqlStateOf(error instanceof TransactionFault ? error.cause : error) ?? "connection"
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

/** A server's error has a five-character SQLSTATE and a severity; a socket's error has a `code` such as EPIPE. */
function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined
  const { code, severity } = error as Record<string, unknown>
  if (typeof severity !== "string" || typeof code !== "string") return undefined
  return /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** By the name of the whole table: a partition's is `journal_p3_pkey`. */
function constraintOf(error: unknown): string {
  const { constraint } = error as Record<string, unknown>
  return String(constraint).replace(/_(?:p\d+|rest)_pkey$/, "_pkey")
}
