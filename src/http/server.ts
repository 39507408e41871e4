/** The HTTP service over an engine: what is accepted, in which order it is checked, and how it ends. */

import fastify, { type FastifyReply, type FastifyRequest } from "fastify"
import type { ZodTypeProvider } from "fastify-type-provider-zod"
import type { Logger } from "pino"
import { EarmarkError } from "../core/errors.ts"
import { BODY_BYTES_MAX } from "../core/limits.ts"
import type { Engine } from "../engine/engine.ts"
import type { ReplicaStatus } from "../engine/replica-status.ts"
import { NO_SINKS, type Sinks } from "../engine/sinks.ts"
import type { Theatre } from "../engine/theatre.ts"
import type { Webhooks } from "../engine/webhooks.ts"
import { invalidRequest } from "../protocol/input-errors.ts"
import { createMetrics, type Metrics } from "../telemetry/metrics.ts"
import { answerBelowRoutes, answerClientError } from "./client-errors.ts"
import { type Drain, drainOf } from "./drain.ts"
import type { HttpServer } from "./http-server.ts"
import { readJsonBodies } from "./json-body.ts"
import { acceptWebSockets, isWebSocketRequest } from "./live/web-sockets.ts"
import { type Observer, observeRequests } from "./observe.ts"
import { serveOpenApi } from "./openapi.ts"
import { servePages } from "./pages.ts"
import { errorTrouble, toProblem } from "./problems.ts"
import { createRequestIds, type RequestIds } from "./request-ids.ts"
import { parseQuery, readablePath } from "./request-line.ts"
import { eventStreamRoutes } from "./routes/event-stream.ts"
import { eventRoutes, eventSchemaRoutes } from "./routes/events.ts"
import { explainRoutes } from "./routes/explain.ts"
import { healthRoutes, type Readiness } from "./routes/health.ts"
import { holdRoutes } from "./routes/holds.ts"
import { hotItemRoutes } from "./routes/hot-items.ts"
import { itemRoutes } from "./routes/items.ts"
import { journalRoutes } from "./routes/journal.ts"
import { liveRoutes } from "./routes/live.ts"
import { locationRoutes } from "./routes/locations.ts"
import { reservationRoutes } from "./routes/reservations.ts"
import { sinkRoutes } from "./routes/sinks.ts"
import { statisticsRoutes } from "./routes/statistics.ts"
import { stockRoutes } from "./routes/stock.ts"
import { theatreRoutes } from "./routes/theatre.ts"
import { timeRoutes } from "./routes/time.ts"
import { verificationRoutes } from "./routes/verifications.ts"
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts"
import { webhookRoutes } from "./routes/webhooks.ts"
import { OpenStreams } from "./streams/open-streams.ts"
import { validatorCompiler } from "./validation.ts"

/** From the first byte of a request to its last: bodies are at most 64 KiB, so only a stuck sender takes that long. */
const REQUEST_TIMEOUT_MS = 30_000
/** For the headers alone. */
const HEADERS_TIMEOUT_MS = 10_000
/** How often the two above are enforced; Node's own 30 s would triple them. */
const TIMEOUT_CHECK_INTERVAL_MS = 5_000
/** A silent connection between requests: longer than the 60 s of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000
/** A silent connection in the middle of a request: above every time-out of the database, so that those strike first. */
const CONNECTION_TIMEOUT_MS = 120_000
/** Fastify takes closing for the work of a plugin, and would give up on it after 10 s: above the drain's bound. */
const CLOSE_MS_MAX = 18_000
/** All headers together: Node's default, by name because clients are told of it. */
const HEADERS_BYTES_MAX = 16_384

/** Streams of events in one process: each costs some 100 KB while its client is slow. */
const EVENT_STREAMS_MAX = 1_000
/** Who may watch a sale in one process: each is told all of it ten times a second. */
const SALE_STREAMS_MAX = 200
/** Live connections in one process: each costs a socket, and what it has not read yet. */
const LIVE_CONNECTIONS_MAX = 10_000
/** Bytes of a message that a client may send: none is of any use. */
const LIVE_MESSAGE_BYTES_MAX = 1024
/** Below the minute of silence after which proxies close a connection. */
const HEARTBEAT_MS = 15_000

export interface ServerOptions {
  readonly engine: Engine
  readonly webhooks: Webhooks
  /** Null, or not given: it is turned off, and its routes say so. */
  readonly theatre?: Theatre | null | undefined
  readonly readiness: () => Promise<Readiness>
  /** Of events; none if not given. */
  readonly sinks?: Sinks | undefined
  readonly replicaStatus?: (() => Promise<ReplicaStatus>) | undefined
  readonly metrics?: Metrics | undefined
  /** The folder with the built web pages; without one their paths say how to build them. */
  readonly pages?: string | undefined
  /** Silent when none is given. */
  readonly logger?: Logger | undefined
  /** Without news for so long a live connection says that it lives; 15 s if not given. */
  readonly heartbeatMs?: number | undefined
  /** After so long a client that takes nothing is disconnected; 30 s if not given. */
  readonly standstillMsMax?: number | undefined
}

/** A server that does not listen yet: `listen` does that, and `server.inject` needs no listening. */
export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const {
    engine,
    webhooks,
    theatre = null,
    readiness,
    sinks = NO_SINKS,
    replicaStatus,
    pages,
    logger,
  } = options
  const { metrics = createMetrics(), heartbeatMs = HEARTBEAT_MS, standstillMsMax } = options
  const ids = createRequestIds()
  const observer = observeRequests(metrics, logger)
  const server = createFastify(ids, observer)
  const drain = drainOf(server.server)
  const streams = new OpenStreams({ streamsMax: EVENT_STREAMS_MAX, onChange: metrics.eventStreams })
  const live = new OpenStreams({ streamsMax: LIVE_CONNECTIONS_MAX, onChange: metrics.liveConnections })
  const sales = new OpenStreams({ streamsMax: SALE_STREAMS_MAX })
  answerBelowRoutes(server.server, ids)

  readJsonBodies(server)
  server.setValidatorCompiler(validatorCompiler)
  // Answers are made by `wire.ts` and typed by the schemas; checking each again would cost what the engine costs.
  server.setSerializerCompiler(() => JSON.stringify)
  addHooks(server, observer, drain)
  server.addHook("preClose", () => {
    for (const open of [streams, live, sales]) open.end(shuttingDown())
    return drain.run()
  })
  server.setErrorHandler((error, _request, reply) => sendError(reply, error, observer))

  await serveOpenApi(server)
  await acceptWebSockets(server, LIVE_MESSAGE_BYTES_MAX)
  healthRoutes(server, {
    metrics,
    sinks,
    replicaStatus,
    readiness: () => (drain.begun ? DRAINING : readiness()),
  })
  eventSchemaRoutes(server)
  await servePages(server, pages ?? null)
  await server.register((v1, _options, registered) => {
    v1.addHook("onRequest", (request, reply, done) => {
      if (hasEmptyStep(request)) sendError(reply, notFound(request.method), observer)
      else done()
    })
    // After the body is read: a connection that closes with bytes unread is reset, and the answer may be lost with it.
    v1.addHook("preValidation", (_request, reply, done) => {
      // Not as an error: nothing is wrong with a service that was asked to stop.
      if (drain.begun) reply.send(toProblem(reply, errorTrouble(shuttingDown())))
      else done()
    })
    for (const addRoutes of [
      timeRoutes,
      itemRoutes,
      hotItemRoutes,
      locationRoutes,
      stockRoutes,
      reservationRoutes,
      holdRoutes,
      explainRoutes,
      journalRoutes,
      eventRoutes,
      verificationRoutes,
    ]) {
      addRoutes(v1.withTypeProvider<ZodTypeProvider>(), engine)
    }
    sinkRoutes(v1.withTypeProvider<ZodTypeProvider>(), sinks)
    statisticsRoutes(v1.withTypeProvider<ZodTypeProvider>(), engine, metrics)
    eventStreamRoutes(v1.withTypeProvider<ZodTypeProvider>(), engine, {
      metrics,
      streams,
      heartbeatMs,
      standstillMsMax,
    })
    liveRoutes(v1.withTypeProvider<ZodTypeProvider>(), engine, { metrics, streams: live, heartbeatMs })
    theatreRoutes(v1.withTypeProvider<ZodTypeProvider>(), theatre, { streams: sales, standstillMsMax })
    for (const addRoutes of [webhookRoutes, webhookDeliveryRoutes]) {
      addRoutes(v1.withTypeProvider<ZodTypeProvider>(), webhooks)
    }
    registered()
  })
  return server
}

function addHooks(server: HttpServer, observer: Observer, drain: Drain): void {
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id)
    reply.header("x-content-type-options", "nosniff")
    if (lacksHost(request)) sendError(reply, hostRequired(), observer)
    // Before the body is read: an unknown route is a 404 whatever was sent there.
    else if (request.is404) sendError(reply, notFound(request.method), observer)
    else done()
  })
  server.addHook("onSend", (_request, reply, _payload, done) => {
    if (drain.begun && drain.isLast(reply.raw)) reply.header("connection", "close")
    done()
  })
  server.addHook("onResponse", (request, reply, done) => {
    observer.answered(request, reply)
    done()
  })
}

const DRAINING: Promise<Readiness> = Promise.resolve({
  ready: false,
  reasons: ["the service is shutting down"],
})

function createFastify(ids: RequestIds, observer: Observer): HttpServer {
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    pluginTimeout: CLOSE_MS_MAX,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
      // Node would refuse such a request without a word; the hook above says what is missing.
      requireHostHeader: false,
      shouldUpgradeCallback: isWebSocketRequest,
    },
    // Requests that arrive while closing are refused by a hook above, as a problem document.
    return503OnClosing: false,
    rewriteUrl: ({ url = "/" }) => readablePath(url),
    // A sku that is too long is refused by its schema, which says so.
    routerOptions: { maxParamLength: HEADERS_BYTES_MAX, querystringParser: parseQuery },
    genReqId: (request) => ids.of(request),
    clientErrorHandler: (error, socket) => answerClientError(ids, error, socket),
    frameworkErrors(error, request, reply) {
      reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff")
      sendError(reply, error, observer)
      observer.answered(request, reply)
    },
  }).withTypeProvider<ZodTypeProvider>()
  // A client may close its half once it has sent all that it will; without this Node would close ours too, unanswered.
  Object.assign(server.server, { httpAllowHalfOpen: true })
  return server
}

function sendError(reply: FastifyReply, error: unknown, observer: Observer): FastifyReply {
  const trouble = errorTrouble(error)
  observer.troubled(reply.request, trouble, error)
  return reply.send(toProblem(reply, trouble))
}

function notFound(method: string): EarmarkError {
  return new EarmarkError(
    "not_found",
    `There is no such route for ${method}; /openapi.json lists all of them.`,
  )
}

/** HTTP/1.1 demands it (RFC 9112); proxies that guess differently who is meant are how requests are smuggled. */
function lacksHost({ raw }: FastifyRequest): boolean {
  return raw.headers.host === undefined && raw.httpVersion === "1.1"
}

function hostRequired(): EarmarkError {
  return invalidRequest([{ pointer: "/headers/host", message: "is required in HTTP/1.1" }])
}

/** `/v1/items/` is the path of no item: the router would take it for one whose sku is empty. */
function hasEmptyStep({ params }: FastifyRequest): boolean {
  return Object.values(params as Record<string, string>).includes("")
}

function shuttingDown(): EarmarkError {
  return new EarmarkError("unavailable", "The service is shutting down.", { notApplied: true })
}
