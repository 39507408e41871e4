/** Bytes that are no HTTP request: answered on the bare socket, as far as anybody still listens. */
import { STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import { problemType } from "../protocol/problem.ts"
import { PROBLEM_CONTENT_TYPE } from "./problems.ts"
import type { RequestIds } from "./request-ids.ts"

interface Refused {
  readonly status: number
  readonly detail: string
}

const REFUSED_BY_CODE: Readonly<Record<string, Refused>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The headers are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: "The request did not arrive in time." },
}
const MALFORMED: Refused = { status: 400, detail: "This is not a well-formed HTTP/1.1 request." }

type ClientError = Error & { readonly code?: string; readonly rawPacket?: unknown }

export function answerClientError(ids: RequestIds, error: ClientError, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return
  if (socket.writable) socket.write(rawAnswer(REFUSED_BY_CODE[error.code ?? ""] ?? MALFORMED, ids.next()))
  socket.destroySoon()
}

function rawAnswer({ status, detail }: Refused, requestId: string): string {
  const phrase = STATUS_CODES[status] ?? "Bad Request"
  const code = "invalid_request"
  const body = JSON.stringify({ type: problemType(code), title: phrase, status, detail, code, requestId })
  return [
    `HTTP/1.1 ${status} ${phrase}`,
    `Content-Type: ${PROBLEM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n")
}
