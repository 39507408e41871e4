/** Which requests may become WebSockets, and what all of these have in common. */
import type { IncomingMessage } from "node:http"
import websocket from "@fastify/websocket"
import type { HttpServer } from "../http-server.ts"

export const LIVE_PATH = "/v1/live"

/** Any other upgrade, such as `curl --http2` asks every server for, is passed over: the request is answered as it stands. */
export function isWebSocketRequest({ method, url = "", headers }: IncomingMessage): boolean {
  return (
    method === "GET" && url.split("?", 1)[0] === LIVE_PATH && headers.upgrade?.toLowerCase() === "websocket"
  )
}

/** @param messageBytesMax of what a client sends */
export async function acceptWebSockets(server: HttpServer, messageBytesMax: number): Promise<void> {
  await server.register(websocket, {
    // Each message is small and goes to many: compressing it for each would cost more than it saves.
    options: { maxPayload: messageBytesMax, perMessageDeflate: false, clientTracking: false },
    // A peer that breaks the protocol, or the connection.
    errorHandler: (_error, socket) => socket.terminate(),
    // The routes close what they have opened.
    preClose: (done) => done(),
  })
}
