import type { FastifyRequest } from "fastify"
import { idempotencyKeyHeader } from "../protocol/idempotency-key.ts"
import { invalidRequest, parseInput } from "../protocol/input-errors.ts"
import { headerText } from "./header-text.ts"

const POINTER = "/headers/idempotency-key"

/** The key that came with a request; undefined when none did. */
export function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const value = request.headers["idempotency-key"]
  if (value === undefined) return undefined
  // Node joins a repeated header with a comma, which may also stand inside one key.
  if (typeof value !== "string" || (value.includes(",") && timesSent(request) > 1)) {
    throw invalidRequest([{ pointer: POINTER, message: "must be sent once" }])
  }
  return parseInput(idempotencyKeyHeader, headerText(value), POINTER)
}

function timesSent(request: FastifyRequest): number {
  const { rawHeaders } = request.raw
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "idempotency-key")
    .length
}
