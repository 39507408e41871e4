/** What is counted and logged of each request. */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Logger } from "pino"
import { ERRORS } from "../core/errors.ts"
import type { Metrics } from "../telemetry/metrics.ts"
import type { Trouble } from "./problems.ts"

const UNMATCHED = "unmatched"

export interface Observer {
  /** A request is over. */
  answered(request: FastifyRequest, reply: FastifyReply): void
  /** A request is about to be refused, or has failed. */
  troubled(request: FastifyRequest, trouble: Trouble, error: unknown): void
}

export function observeRequests(metrics: Metrics, logger: Logger | undefined): Observer {
  return {
    answered(request, reply) {
      const { method } = request
      const route = routeOf(request)
      const status = reply.statusCode
      metrics.httpRequest({ method, route, status, seconds: reply.elapsedTime / 1000 })
      // At `info` a request leaves no line: metrics count it, and a line each would cost more than it does.
      if (!logger?.isLevelEnabled("debug")) return
      logger.debug({ requestId: request.id, method, route, status, durationMs: reply.elapsedTime }, "request")
    },
    troubled(request, { code, detail }, error) {
      const { status } = ERRORS[code]
      if (status < 500) return
      // A stack tells something only when nobody expected the error; an outage has one cause and many requests.
      const why = code === "internal" ? { err: error } : { detail }
      const { id: requestId, method } = request
      logger?.error({ requestId, method, route: routeOf(request), status, code, ...why }, "request failed")
    },
  }
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? UNMATCHED
}
