/** Request ids: the caller's own `X-Request-Id` if it is well formed, or one of ours. */
import { randomBytes } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** Characters that need no escaping in any log, and a length that keeps a hostile one from filling it. */
const WELL_FORMED = /^[A-Za-z0-9._:=+/@-]{1,128}$/

export interface RequestIds {
  next(): string
  of(request: IncomingMessage): string
}

export function createRequestIds(): RequestIds {
  // Unique among processes by the random part, within one by the counter, without drawing randomness for each request.
  const prefix = randomBytes(6).toString("hex")
  let count = 0
  const next = () => {
    count += 1
    return `${prefix}-${count.toString(36)}`
  }
  return {
    next,
    of(request) {
      const sent = request.headers["x-request-id"]
      return typeof sent === "string" && WELL_FORMED.test(sent) ? sent : next()
    },
  }
}
