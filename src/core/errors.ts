/**
 * The one table of error codes. A code's title and status never change; callers match on `code` alone.
 * `docs/reference/errors.md` has a section for each, and a test compares the two.
 */
export interface ErrorEntry {
  readonly title: string
  readonly status: number
  /** True when the very same request may succeed later without being changed. */
  readonly retryable: boolean
}

export const ERRORS = {
  invalid_request: { title: "The request is not valid", status: 400, retryable: false },
  item_not_found: { title: "There is no such item", status: 404, retryable: false },
  location_not_found: { title: "There is no such location", status: 404, retryable: false },
  reservation_not_found: { title: "There is no such reservation", status: 404, retryable: false },
  webhook_not_found: { title: "There is no such webhook", status: 404, retryable: false },
  delivery_not_found: { title: "There is no such delivery", status: 404, retryable: false },
  sale_not_found: { title: "There is no such sale", status: 404, retryable: false },
  sink_not_found: { title: "There is no such sink", status: 404, retryable: false },
  not_found: { title: "There is no such route", status: 404, retryable: false },
  insufficient_stock: { title: "Not enough units are available", status: 409, retryable: true },
  stock_below_held: { title: "Fewer units would be on hand than are held", status: 409, retryable: true },
  sale_running: { title: "A sale is running", status: 409, retryable: true },
  reservation_confirmed: { title: "The reservation is confirmed", status: 409, retryable: false },
  reservation_released: { title: "The reservation was released", status: 409, retryable: false },
  reservation_revoked: {
    title: "The reservation was provisional and could not be kept",
    status: 410,
    retryable: false,
  },
  reservation_expired: { title: "The reservation has expired", status: 410, retryable: false },
  events_dropped: { title: "Events after this cursor are not kept any more", status: 410, retryable: false },
  events_rewound: {
    title: "The database was restored, and this cursor is of another history",
    status: 410,
    retryable: false,
  },
  events_outrun: { title: "Events came faster than they were read", status: 503, retryable: true },
  body_too_large: { title: "The body is too large", status: 413, retryable: false },
  unsupported_media_type: { title: "The content type is not supported", status: 415, retryable: false },
  idempotency_key_reused: {
    title: "The idempotency key came before with another body",
    status: 422,
    retryable: false,
  },
  lifetime_exceeded: {
    title: "The hold would outlive the longest lifetime",
    status: 422,
    retryable: false,
  },
  transaction_unsupported: {
    title: "The strategy cannot run inside a caller's transaction",
    status: 500,
    retryable: false,
  },
  transaction_conflict: {
    title: "The caller's transaction met a concurrent change and must run again",
    status: 503,
    retryable: true,
  },
  unavailable: { title: "The service cannot answer right now", status: 503, retryable: true },
  outcome_unknown: {
    title: "The database went away before it said whether the change was made",
    status: 503,
    retryable: true,
  },
  internal: { title: "The service made a mistake", status: 500, retryable: true },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

/** One thing that is wrong with the input: a JSON pointer into it, and what is wrong there. */
export interface InputError {
  readonly pointer: string
  readonly message: string
}

export interface EarmarkErrorOptions {
  /** True when it is certain that the request changed nothing (promise X1). */
  readonly notApplied?: boolean
  readonly errors?: readonly InputError[]
  readonly cause?: unknown
}

/** A fault. Expected answers ("insufficient stock") are values and never thrown. */
export class EarmarkError extends Error {
  override readonly name = "EarmarkError"
  readonly code: ErrorCode
  readonly notApplied: boolean
  readonly errors: readonly InputError[]

  constructor(code: ErrorCode, detail: string, options: EarmarkErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.notApplied = options.notApplied ?? false
    this.errors = options.errors ?? []
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }
}

/** Something that keeps a process from starting: one clear sentence for whoever started it, no stack. */
export class StartError extends Error {
  override readonly name = "StartError"
}
