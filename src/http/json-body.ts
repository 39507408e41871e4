/** Reads request bodies: JSON in UTF-8, and nothing else. */
import { isUtf8 } from "node:buffer"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { EarmarkError } from "../core/errors.ts"
import { BODY_BYTES_MAX } from "../core/limits.ts"
import { invalidRequest } from "../protocol/input-errors.ts"

const JSON_TYPE = "application/json"
const JSON_SUFFIX_TYPE = /^application\/[^;\s]+\+json(?:;|$)/
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i

type Done = (error: Error | null, body?: unknown) => void

/** Fastify's own parser is replaced: it refuses an empty body, and hides where broken JSON is broken. */
export function readJsonBodies(server: FastifyInstance): void {
  const options = { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX } as const
  server.removeAllContentTypeParsers()
  for (const type of [JSON_TYPE, JSON_SUFFIX_TYPE]) server.addContentTypeParser(type, options, readJson)
  // Whatever has no body has no content type either, whatever its header says: `curl -d ""` sends a form.
  server.addContentTypeParser("*", options, readNothing)
}

function readNothing(_request: FastifyRequest, bytes: Buffer, done: Done): void {
  if (bytes.length === 0) done(null, undefined)
  else done(unsupported("The body must be JSON: send Content-Type: application/json."))
}

function readJson(request: FastifyRequest, bytes: Buffer, done: Done): void {
  if (bytes.length === 0) return done(null, undefined)
  const contentType = request.headers["content-type"]
  if (contentType !== JSON_TYPE && !isUtf8Charset(contentType)) {
    return done(unsupported("The body must be JSON in UTF-8: leave out the charset, or send charset=utf-8."))
  }
  if (!isUtf8(bytes)) return done(invalidBody("must be UTF-8"))
  let body: unknown
  try {
    body = JSON.parse(bytes.toString("utf8"))
  } catch (error) {
    return done(invalidBody(`must be JSON: ${error instanceof Error ? error.message : String(error)}`))
  }
  // Every body of the API is an object. Fastify hands a missing body on as null, so null is told apart here.
  if (body === null) return done(invalidBody("must be a JSON object"))
  done(null, body)
}

function isUtf8Charset(contentType: string | undefined): boolean {
  const charset = contentType === undefined ? undefined : CHARSET.exec(contentType)?.[1]
  return charset === undefined || /^utf-?8$/i.test(charset)
}

function invalidBody(message: string): EarmarkError {
  return invalidRequest([{ pointer: "", message }])
}

function unsupported(detail: string): EarmarkError {
  return new EarmarkError("unsupported_media_type", detail, { notApplied: true })
}
