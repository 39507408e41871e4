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
  /** A request is about to be refused or has failed; faults of ours are logged with their stack. */
  troubled(request: FastifyRequest, trouble: Trouble, error: unknown): void
}

export function observeRequests(metrics: Metrics, logger: Logger | undefined): Observer {
  return {
    answered(request, reply) {
      const { method } = request
      const route = request.routeOptions.url ?? UNMATCHED
      const status = reply.statusCode
      metrics.httpRequest({ method, route, status, seconds: reply.elapsedTime / 1000 })
      // At `info` a request that went well leaves no line: metrics count it, and a line each would cost more than it does.
      if (!logger || (status < 500 && !logger.isLevelEnabled("debug"))) return
      const line = { requestId: request.id, method, route, status, durationMs: reply.elapsedTime }
      if (status < 500) logger.debug(line, "request")
      else logger.error(line, "request failed")
    },
    troubled(request, { code }, error) {
      if (ERRORS[code].status < 500) return
      logger?.error(
        { requestId: request.id, code, err: error },
        code === "internal" ? "unexpected error" : "fault",
      )
    },
  }
}
