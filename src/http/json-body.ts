/** Reads request bodies: JSON in UTF-8, and nothing else. */
import { isUtf8 } from "node:buffer"
import type { FastifyInstance } from "fastify"
import { EarmarkError } from "../core/errors.ts"
import { BODY_BYTES_MAX } from "../core/limits.ts"
import { invalidRequest } from "../protocol/input-errors.ts"

const JSON_TYPE = "application/json"
const JSON_SUFFIX_TYPE = /^application\/[^;\s]+\+json(?:;|$)/
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i

type Read = (contentType: string | undefined, bytes: Buffer) => unknown

/** Fastify's own parser is replaced: it refuses an empty body, and hides where broken JSON is broken. */
export function readJsonBodies(server: FastifyInstance): void {
  const options = { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX } as const
  const add = (type: string | RegExp, read: Read) =>
    // Fastify answers with whatever is thrown here.
    server.addContentTypeParser<Buffer>(type, options, (request, bytes, done) => {
      done(null, read(request.headers["content-type"], bytes))
    })
  server.removeAllContentTypeParsers()
  add(JSON_TYPE, readJson)
  add(JSON_SUFFIX_TYPE, readJson)
  add("*", readNothing)
}

/** Nothing has no content type, whatever the header says: `curl -d ""` sends an empty form. */
function readNothing(_contentType: string | undefined, bytes: Buffer): undefined {
  if (bytes.length > 0) throw unsupported("The body must be JSON: send Content-Type: application/json.")
}

function readJson(contentType: string | undefined, bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (contentType !== JSON_TYPE && !isUtf8Charset(contentType)) {
    throw unsupported("The body must be JSON in UTF-8: leave out the charset, or send charset=utf-8.")
  }
  if (!isUtf8(bytes)) throw invalidBody("must be UTF-8")
  const body = parseJson(bytes.toString("utf8"))
  // Every body of the API is an object. Fastify hands a missing body on as null, so null is told apart here.
  if (body === null) throw invalidBody("must be a JSON object")
  return body
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalidBody(`must be JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
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
