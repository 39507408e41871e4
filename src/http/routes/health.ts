/** For whoever runs the service: `/livez`, `/readyz` and `/metrics`. */
import { z } from "zod"
import type { ReplicaStatus } from "../../engine/replica-status.ts"
import type { Sinks } from "../../engine/sinks.ts"
import { health, healthQuery } from "../../protocol/health.ts"
import type { Metrics } from "../../telemetry/metrics.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { toProblem } from "../problems.ts"
import { sinkHealthToWire } from "../sink-wire.ts"

export interface Readiness {
  readonly ready: boolean
  /** What is missing, for people. */
  readonly reasons: readonly string[]
}

interface HealthOptions {
  readonly metrics: Metrics
  readonly readiness: () => Promise<Readiness>
  readonly sinks: Sinks
  /** Where there is a read replica. */
  readonly replicaStatus?: (() => Promise<ReplicaStatus>) | undefined
}

/** Whatever keeps it from being found out, also keeps requests from being answered. */
const UNKNOWN: Readiness = { ready: false, reasons: ["it could not be found out"] }

const TAG = "Operation"
const status = z.object({ status: z.literal("ok") }).meta({ id: "Status" })

export function healthRoutes(
  server: HttpServer,
  { metrics, readiness, sinks, replicaStatus }: HealthOptions,
): void {
  const live = describe({
    id: "livez",
    tag: TAG,
    summary: "Is the process up?",
    kind: "read",
    answers: { 200: { description: "It is.", schema: status } },
  })
  server.get("/livez", { schema: live }, () => ({ status: "ok" }))

  const ready = describe({
    id: "readyz",
    tag: TAG,
    summary: "Can requests be answered?",
    description: "The database is reachable and migrated, and the service is not shutting down.",
    kind: "read",
    answers: { 200: { description: "They can.", schema: health } },
    errors: ["invalid_request"],
  })
  server.get("/readyz", { schema: { ...ready, querystring: healthQuery } }, async (request, reply) => {
    const { ready: isReady, reasons } = await readiness().catch(() => UNKNOWN)
    if (isReady && request.query.verbose === undefined) return { status: "ok" }
    if (isReady) {
      const found = (await sinks.status()).map(sinkHealthToWire)
      return {
        status: "ok",
        sinks: found,
        ...(replicaStatus && { replica: replicaView(await replicaStatus()) }),
      }
    }
    const detail = `Not ready: ${reasons.join("; ")}.`
    return toProblem(reply, { code: "unavailable", detail, notApplied: true })
  })

  const scrape = describe({
    id: "metrics",
    tag: TAG,
    summary: "Metrics for Prometheus",
    kind: "read",
    answers: {
      200: { description: "Prometheus text format.", schema: z.string(), contentType: "text/plain" },
    },
  })
  server.get("/metrics", { schema: scrape }, async (_request, reply) => {
    reply.type(metrics.register.contentType)
    return metrics.register.metrics()
  })
}

function replicaView({ state, asOf, ageMs }: ReplicaStatus) {
  return { state, asOf, ageSeconds: ageMs === null ? null : ageMs / 1000 }
}
