/** Endpoints that do to their connections what no HTTP server would do. */
import { once } from "node:events"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer } from "node:tls"
import type { SelfSigned } from "./self-signed.ts"

export interface ReceivedRequest {
  /** As `POST /in HTTP/1.1`. */
  readonly line: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface EndpointServer {
  readonly port: number
  readonly requests: readonly ReceivedRequest[]
  /** How many connections were ever made. */
  readonly connections: () => number
  /** How many are open. */
  readonly open: () => number
  close(): Promise<void>
}

export interface EndpointServerOptions {
  readonly tls?: SelfSigned
  readonly host?: string
  /** Said to everybody who connects, and then hung up. */
  readonly greeting?: string
}

/** @param answer called with each complete request; what it writes is all that is sent */
export async function startEndpoint(
  answer: (socket: Socket, request: ReceivedRequest) => void,
  { tls, host = "127.0.0.1", greeting }: EndpointServerOptions = {},
): Promise<EndpointServer> {
  const requests: ReceivedRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const serve = (socket: Socket) => {
    let text = ""
    // It is reset on purpose, by either side.
    socket.on("error", () => {})
    if (greeting !== undefined) socket.end(greeting)
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk
      const request = completeRequest(text)
      if (request === undefined) return
      text = ""
      requests.push(request)
      answer(socket, request)
    })
  }
  const server: Server = tls ? createTlsServer({ ...tls }, serve) : createServer(serve)
  server.on("connection", (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  server.on("tlsClientError", () => {})
  server.listen(0, host)
  await once(server, "listening")
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    },
  }
}

/** One request at a time comes over a connection. */
function completeRequest(text: string): ReceivedRequest | undefined {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const body = rest.join("\r\n\r\n")
  const [line = "", ...fields] = head.split("\r\n")
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(":")
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  if (rest.length === 0 || body.length < Number(headers["content-length"])) return undefined
  return { line, headers, body: Buffer.from(body, "latin1").toString() }
}
