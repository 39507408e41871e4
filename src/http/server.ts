/** The HTTP service over an engine: what is accepted, in which order it is checked, and how it ends. */

import fastify, { type FastifyReply } from "fastify"
import type { ZodTypeProvider } from "fastify-type-provider-zod"
import type { Logger } from "pino"
import { EarmarkError } from "../core/errors.ts"
import { BODY_BYTES_MAX } from "../core/limits.ts"
import type { Engine } from "../engine/engine.ts"
import { createMetrics, type Metrics } from "../telemetry/metrics.ts"
import { answerClientError } from "./client-errors.ts"
import type { HttpServer } from "./http-server.ts"
import { readJsonBodies } from "./json-body.ts"
import { type Observer, observeRequests } from "./observe.ts"
import { serveOpenApi } from "./openapi.ts"
import { errorTrouble, toProblem } from "./problems.ts"
import { createRequestIds, type RequestIds } from "./request-ids.ts"
import { healthRoutes, type Readiness } from "./routes/health.ts"
import { itemRoutes } from "./routes/items.ts"
import { locationRoutes } from "./routes/locations.ts"
import { reservationRoutes } from "./routes/reservations.ts"
import { stockRoutes } from "./routes/stock.ts"
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
/** All headers together: Node's default, by name because clients are told of it. */
const HEADERS_BYTES_MAX = 16_384

export interface ServerOptions {
  readonly engine: Engine
  readonly readiness: () => Promise<Readiness>
  readonly metrics?: Metrics | undefined
  /** Silent when none is given. */
  readonly logger?: Logger | undefined
}

/** A server that does not listen yet: `listen` does that, and `server.inject` needs no listening. */
export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const { engine, readiness, logger, metrics = createMetrics() } = options
  const ids = createRequestIds()
  const observer = observeRequests(metrics, logger)
  const server = createFastify(ids, observer)
  const drain = { begun: false }

  readJsonBodies(server)
  server.setValidatorCompiler(validatorCompiler)
  // Answers are made by `wire.ts` and typed by the schemas; checking each again would cost what the engine costs.
  server.setSerializerCompiler(() => JSON.stringify)
  server.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id)
    // Before the body is read: an unknown route is a 404 whatever was sent there.
    if (request.is404) sendError(reply, notFound(request.method), observer)
    else done()
  })
  server.addHook("onResponse", (request, reply, done) => {
    observer.answered(request, reply)
    if (drain.begun) server.server.closeIdleConnections()
    done()
  })
  server.addHook("preClose", (done) => {
    drain.begun = true
    done()
  })
  server.setErrorHandler((error, _request, reply) => sendError(reply, error, observer))

  await serveOpenApi(server)
  healthRoutes(server, { metrics, readiness: () => (drain.begun ? DRAINING : readiness()) })
  await server.register((v1, _options, registered) => {
    v1.addHook("onRequest", (_request, reply, done) => {
      if (drain.begun) sendError(reply.header("connection", "close"), shuttingDown(), observer)
      else done()
    })
    for (const addRoutes of [itemRoutes, locationRoutes, stockRoutes, reservationRoutes]) {
      addRoutes(v1.withTypeProvider<ZodTypeProvider>(), engine)
    }
    registered()
  })
  return server
}

const DRAINING: Promise<Readiness> = Promise.resolve({
  ready: false,
  reasons: ["the service is shutting down"],
})

function createFastify(ids: RequestIds, observer: Observer): HttpServer {
  return fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
      maxHeaderSize: HEADERS_BYTES_MAX,
    },
    // Requests that arrive while closing are refused by the hook above, as a problem document.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    // A sku that is too long is refused by its schema, which says so.
    routerOptions: { maxParamLength: HEADERS_BYTES_MAX },
    genReqId: (request) => ids.of(request),
    clientErrorHandler: (error, socket) => answerClientError(ids, error, socket),
    frameworkErrors(error, request, reply) {
      reply.header("x-request-id", request.id)
      sendError(reply, error, observer)
      observer.answered(request, reply)
    },
  }).withTypeProvider<ZodTypeProvider>()
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

function shuttingDown(): EarmarkError {
  return new EarmarkError("unavailable", "The service is shutting down.", { notApplied: true })
}
