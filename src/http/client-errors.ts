/** What never becomes a request of Fastify's: answered on the bare socket, as far as anybody still listens. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import { ERRORS, type ErrorCode, type InputError } from "../core/errors.ts"
import { problemType } from "../protocol/problem.ts"
import { PROBLEM_CONTENT_TYPE } from "./problems.ts"
import type { RequestIds } from "./request-ids.ts"

interface Refused {
  readonly code: ErrorCode
  /** HTTP has statuses of its own for some of these; the code and its title are those of the table. */
  readonly status: number
  readonly detail: string
  readonly errors?: readonly InputError[]
}

const REFUSED_BY_CODE: Readonly<Record<string, Refused>> = {
  HPE_HEADER_OVERFLOW: refused(431, "The headers are too large.", "has headers that are too large"),
  ERR_HTTP_REQUEST_TIMEOUT: refused(408, "The request did not arrive in time.", "did not arrive in time"),
}
const MALFORMED = refused(400, "This is not a well-formed HTTP/1.1 request.", "must be well-formed HTTP/1.1")
const EXPECTATION: Refused = {
  code: "invalid_request",
  status: 417,
  detail: "Only the expectation 100-continue can be met.",
  errors: [{ pointer: "/headers/expect", message: "must be 100-continue" }],
}
const NO_TUNNEL: Refused = {
  code: "not_found",
  status: ERRORS.not_found.status,
  detail: "There is no such route for CONNECT; /openapi.json lists all of them.",
}

/** The pointer is that of the whole: what is no request has no parts. */
function refused(status: number, detail: string, message: string): Refused {
  return { code: "invalid_request", status, detail, errors: [{ pointer: "", message }] }
}

type ClientError = Error & { readonly code?: string; readonly rawPacket?: unknown }

export function answerClientError(ids: RequestIds, error: ClientError, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return
  answerRaw(socket, REFUSED_BY_CODE[error.code ?? ""] ?? MALFORMED, ids.next())
}

/** Requests that Node would answer by itself, with nothing but a status or a closed connection. */
export function answerBelowRoutes(server: Server, ids: RequestIds): void {
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) => {
    const { headers, body } = render(EXPECTATION, ids.of(request))
    response.writeHead(EXPECTATION.status, headers).end(body)
  })
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    // Node has taken its own listeners away, and an error without one would end the process.
    socket.on("error", () => {})
    answerRaw(socket, NO_TUNNEL, ids.of(request))
  })
}

function answerRaw(socket: Socket, refusal: Refused, requestId: string): void {
  if (socket.writable) {
    const { headers, body } = render(refusal, requestId)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const statusLine = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`
    socket.write([statusLine, ...lines, "", body].join("\r\n"))
  }
  socket.destroySoon()
}

function render({ code, status, detail, errors }: Refused, requestId: string) {
  const { title } = ERRORS[code]
  const body = JSON.stringify({ type: problemType(code), title, status, detail, code, requestId, errors })
  const headers = {
    "Content-Type": PROBLEM_CONTENT_TYPE,
    "Content-Length": Buffer.byteLength(body),
    "X-Request-Id": requestId,
    "X-Content-Type-Options": "nosniff",
    Connection: "close",
  }
  return { headers, body }
}
