/** `/v1/live`: what is available of some items, as it changes, over a WebSocket. */
import type { FastifyReply, FastifyRequest } from "fastify"
import { EarmarkError } from "../../core/errors.ts"
import type { Engine } from "../../engine/engine.ts"
import { invalidRequest } from "../../protocol/input-errors.ts"
import { liveMessage, liveQuery } from "../../protocol/live.ts"
import type { Metrics } from "../../telemetry/metrics.ts"
import type { HttpServer } from "../http-server.ts"
import { CLOSE_CODES, LiveConnection } from "../live/live-connection.ts"
import { LiveMessages } from "../live/live-messages.ts"
import { Peers } from "../live/peers.ts"
import { LIVE_PATH } from "../live/web-sockets.ts"
import { describe } from "../operation.ts"
import { refusalTrouble, toProblem } from "../problems.ts"
import type { OpenStreams } from "../streams/open-streams.ts"

export interface LiveOptions {
  readonly metrics: Metrics
  readonly streams: OpenStreams
  readonly heartbeatMs: number
}

const operation = describe({
  id: "watchAvailability",
  tag: "Events",
  summary: "What is available, as it changes",
  description:
    "A WebSocket. Each message is JSON: first one for each item, then one whenever an item has changed, a few times a second at " +
    "most; the latest counts. Send nothing: a message ends the connection with the code 1008. 1001 means that the service is " +
    "stopping, anything else that the connection broke; connect again, and what is available now comes first. Pings that are " +
    "not answered end it.",
  kind: "read",
  answers: {
    101: {
      description: "The connection is a WebSocket from now on; its messages are these.",
      schema: liveMessage,
    },
  },
  errors: ["invalid_request", "item_not_found"],
})

const NO_WEBSOCKET = [{ pointer: "/headers/upgrade", message: "must be websocket" }]

export function liveRoutes(server: HttpServer, engine: Engine, options: LiveOptions): void {
  const { metrics, heartbeatMs } = options
  const messages = new LiveMessages(metrics)
  const peers = new Peers({ pingIntervalMs: heartbeatMs, onDropped: metrics.liveConnectionDropped })
  const connections = new WeakMap<FastifyRequest["raw"], { connection: LiveConnection; requestId: string }>()
  server.websocketServer.on("headers", (lines, raw) => {
    lines.push(`X-Request-Id: ${connections.get(raw)?.requestId}`)
  })

  server.route({
    method: "GET",
    url: LIVE_PATH,
    exposeHeadRoute: false,
    schema: { ...operation, querystring: liveQuery },
    // Before the upgrade, so that what is wrong is an answer like any other.
    async preHandler(request, reply) {
      if (!request.ws) throw invalidRequest(NO_WEBSOCKET)
      const connection = new LiveConnection(messages)
      const isWatching = await watch(
        engine,
        { skus: request.query.sku, connection, peers, reply },
        options.streams,
      )
      if (isWatching) connections.set(request.raw, { connection, requestId: request.id })
    },
    handler: () => {},
    wsHandler: (socket, { raw }) => connections.get(raw)?.connection.attach(socket),
  })
}

interface Watching {
  readonly skus: readonly string[]
  readonly connection: LiveConnection
  readonly peers: Peers
  readonly reply: FastifyReply
}

/** False when it has been answered that there is no such item. */
async function watch(
  engine: Engine,
  { skus, connection, peers, reply }: Watching,
  streams: OpenStreams,
): Promise<boolean> {
  const signal = streams.open(reply.raw)
  const outcome = await engine.watchAvailability(skus, (availability) => connection.tell(availability))
  if (outcome.outcome === "item_not_found") {
    reply.send(toProblem(reply, refusalTrouble(outcome)))
    return false
  }
  const end = () => {
    outcome.stop()
    peers.remove(connection)
    if (signal.reason instanceof EarmarkError) connection.close(CLOSE_CODES.goingAway, signal.reason.message)
  }
  peers.add(connection)
  if (signal.aborted) end()
  else signal.addEventListener("abort", end)
  return true
}
