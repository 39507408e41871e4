/** A service that listens, and connections to it that say whatever a test wants. */
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { listen } from "../../src/http/listen.ts"
import { createTestService, type TestService, type TestServiceOptions } from "./service.ts"

export interface Wire {
  readonly socket: Socket
  /** What has arrived, once it contains the text. */
  until(text: string): Promise<string>
  /** What had arrived when the other side closed; an error that closed it is part of it. */
  readonly ended: Promise<string>
}

export interface ListeningService extends TestService {
  readonly listensOn: string
  readonly port: number
  open(options?: { allowHalfOpen?: boolean }): Promise<Wire>
}

export async function startListening(options: TestServiceOptions = {}): Promise<ListeningService> {
  const service = await createTestService(options)
  const listensOn = await listen(service.server, { host: "127.0.0.1", port: 0 })
  const port = Number(new URL(listensOn).port)
  const sockets: Socket[] = []
  return {
    ...service,
    listensOn,
    port,
    async open({ allowHalfOpen = false } = {}) {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen })
      sockets.push(socket)
      await once(socket, "connect")
      return wireOf(socket)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await service.close()
    },
  }
}

function wireOf(socket: Socket): Wire {
  let received = ""
  const waiting: { text: string; resolve: (received: string) => void }[] = []
  socket.on("error", (error: NodeJS.ErrnoException) => {
    received += `[${error.code}]`
  })
  socket.on("data", (chunk) => {
    received += chunk.toString()
    for (const { text, resolve } of waiting) if (received.includes(text)) resolve(received)
  })
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received)))
  return {
    socket,
    until: (text) =>
      received.includes(text)
        ? Promise.resolve(received)
        : new Promise((resolve) => waiting.push({ text, resolve })),
    ended: closed,
  }
}

export const JSON_BODY = JSON.stringify({ lines: [{ sku: "MUG", quantity: 1 }] })

export function reserveRequest(body = JSON_BODY): string {
  return `POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

export const LIVEZ_REQUEST = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
