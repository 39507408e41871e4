/** How a route describes itself in the OpenAPI document. */
import { z } from "zod"
import { ERRORS, type ErrorCode } from "../core/errors.ts"
import { TEXT_LENGTH_MAX } from "../core/limits.ts"
import { idempotencyKeyHeader } from "../protocol/idempotency-key.ts"
import { problem } from "../protocol/problem.ts"
import { PROBLEM_CONTENT_TYPE } from "./problems.ts"

export interface Answer {
  readonly description: string
  /** An answer without it has no body. */
  readonly schema?: z.ZodType
  readonly headers?: Headers
  readonly contentType?: string
}
type HeaderSchema = { readonly type: "string"; readonly description: string }

export interface Operation {
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** A command may change something and takes a body; a read does neither; a question takes a body and changes nothing. */
  readonly kind: "command" | "question" | "read"
  readonly answers: Readonly<Record<number, Answer>>
  /** Beyond those that every operation of its kind may give. */
  readonly errors?: readonly ErrorCode[]
}

type Headers = Readonly<Record<string, HeaderSchema>>

export const LOCATION: Headers = { Location: { type: "string", description: "Path of the reservation." } }
export const REPLAYED: Headers = {
  "Idempotent-Replayed": { type: "string", description: "`true`: an earlier request with this key made it." },
}
export const AS_OF: Headers = {
  "As-Of": {
    type: "string",
    description:
      "RFC 3339 time of the database: whatever was committed by then has been seen. Behind the present when a read replica answers.",
  },
}

/** For the document only: the header is read by `idempotency-key.ts`. */
export const idempotencyHeaders = z.object({
  "Idempotency-Key": idempotencyKeyHeader.optional().meta({
    description:
      "Bare or in quotes. However often the request is sent with it, it is carried out at most once.",
    minLength: 1,
    maxLength: TEXT_LENGTH_MAX,
  }),
})

export interface DescribedResponse {
  readonly description: string
  readonly headers: Headers
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>
}

const ERRORS_OF_KIND: Record<Operation["kind"], readonly ErrorCode[]> = {
  command: [
    "invalid_request",
    "body_too_large",
    "unsupported_media_type",
    "unavailable",
    "outcome_unknown",
    "internal",
  ],
  question: ["invalid_request", "body_too_large", "unsupported_media_type", "unavailable", "internal"],
  read: ["unavailable", "internal"],
}

const REQUEST_ID: Headers = {
  "X-Request-Id": {
    type: "string",
    description: "The caller's own if it sent a well-formed one, else a new one.",
  },
}
const RETRY_AFTER: HeaderSchema = { type: "string", description: "Seconds after which to try again." }
const OUTCOME: HeaderSchema = {
  type: "string",
  description:
    "`not-applied` when it is certain that the request changed nothing; without it, repeat with the same key.",
}

export function describe(operation: Operation) {
  const { id, tag, summary, description, kind, answers, errors = [] } = operation
  const response: Record<number, DescribedResponse> = {}
  for (const [status, { contentType = "application/json", schema, ...answer }] of Object.entries(answers)) {
    response[Number(status)] = {
      description: answer.description,
      headers: { ...REQUEST_ID, ...answer.headers },
      content: schema ? { [contentType]: { schema } } : {},
    }
  }
  for (const [status, codes] of byStatus([...ERRORS_OF_KIND[kind], ...errors])) {
    response[status] = {
      description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(" "),
      headers: { ...REQUEST_ID, ...(status === 503 && { "Retry-After": RETRY_AFTER, Outcome: OUTCOME }) },
      content: { [PROBLEM_CONTENT_TYPE]: { schema: problem } },
    }
  }
  return { operationId: id, tags: [tag], summary, ...(description && { description }), response }
}

function byStatus(codes: readonly ErrorCode[]): Map<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>()
  for (const code of new Set(codes)) {
    const { status } = ERRORS[code]
    groups.set(status, [...(groups.get(status) ?? []), code])
  }
  return groups
}
