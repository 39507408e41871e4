/** An operation as a request: written once, and sent as often as it takes. */
import type { Context } from "./context.ts"
import { type Operation, queryText } from "./operation.ts"
import type { WriteOptions } from "./options.ts"

const KEY_BYTES = 16

export interface PreparedRequest {
  readonly url: string
  /** As `POST /v1/reservations`. */
  readonly name: string
  readonly idempotencyKey: string | null
  readonly init: RequestInit
}

/** @throws TypeError when a header or the body cannot be sent at all */
export function prepare(context: Context, operation: Operation, options: WriteOptions): PreparedRequest {
  const { method, path, query = {}, body, isWrite } = operation
  const idempotencyKey = isWrite ? (options.idempotencyKey ?? newKey()) : null
  const headers = headersOf(context, options, isWrite)
  if (idempotencyKey !== null) headers.set("idempotency-key", utf8(quoted(idempotencyKey)))
  if (body !== undefined) headers.set("content-type", "application/json")
  return {
    url: context.baseUrl + path + queryText(query),
    name: `${method} ${path}`,
    idempotencyKey,
    init: {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      // What is in stock now is not what it was.
      cache: "no-store",
      // A redirect may turn a command into a read that succeeds.
      redirect: "error",
    },
  }
}

export function headersOf(
  context: Context,
  { headers, actor = context.actor }: WriteOptions,
  isWrite: boolean,
): Headers {
  const all = new Headers({ accept: "application/json", ...context.headers, ...headers })
  if (isWrite && actor !== undefined) all.set("earmark-actor", utf8(actor))
  return all
}

/** `crypto.randomUUID` is missing where a page did not come by https; this is everywhere. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** In quotes, white space at its ends is a part of it. */
function quoted(key: string): string {
  return `"${key.replaceAll(/["\\]/g, "\\$&")}"`
}

/** A header is bytes, given as characters up to U+00FF. */
function utf8(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text))
}
