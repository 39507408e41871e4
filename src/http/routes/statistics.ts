import type { Engine } from "../../engine/engine.ts"
import { statistics, type WireStatistics } from "../../protocol/statistics.ts"
import type { Metrics } from "../../telemetry/metrics.ts"
import { readStatistics } from "../../telemetry/statistics.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"

export function statisticsRoutes(server: HttpServer, { strategy }: Engine, { register }: Metrics): void {
  const read = describe({
    id: "readStatistics",
    tag: "Operation",
    summary: "Read what this process has counted since it started",
    description:
      "Of the process that answers alone, and as it is now: behind a load balancer each answer may be of another, which `process` tells. Rates and percentiles come of the difference between two answers of one process. Asks no database, so that it may be read once a second.",
    kind: "read",
    answers: { 200: { description: "Counts, and how things are.", schema: statistics } },
  })
  server.get("/v1/statistics", { schema: read }, async (): Promise<WireStatistics> => {
    const { process, ...counted } = await readStatistics(register)
    return { ...counted, process: { ...process, startedAt: process.startedAt.toISOString(), strategy } }
  })
}
