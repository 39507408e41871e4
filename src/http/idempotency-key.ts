import { isUtf8 } from "node:buffer"
import type { FastifyRequest } from "fastify"
import { idempotencyKeyHeader } from "../protocol/idempotency-key.ts"
import { invalidRequest, parseInput } from "../protocol/input-errors.ts"

const POINTER = "/headers/idempotency-key"
const BEYOND_ASCII = /[\u0080-\uffff]/

/** The key that came with a request; undefined when none did. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const value = request.headers["idempotency-key"]
  if (value === undefined) return undefined
  // Node joins a repeated header with a comma, which may also stand inside one key.
  if (typeof value !== "string" || (value.includes(",") && timesSent(request) > 1)) {
    throw invalidRequest([{ pointer: POINTER, message: "must be sent once" }])
  }
  return parseInput(idempotencyKeyHeader, decode(value), POINTER)
}

function timesSent(request: FastifyRequest): number {
  const { rawHeaders } = request.raw
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "idempotency-key")
    .length
}

/** Node reads headers as Latin-1; most callers that send more than ASCII mean UTF-8. */
function decode(value: string): string {
  if (!BEYOND_ASCII.test(value)) return value
  const bytes = Buffer.from(value, "latin1")
  return isUtf8(bytes) ? bytes.toString("utf8") : value
}
