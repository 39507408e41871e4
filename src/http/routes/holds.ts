import type { Engine } from "../../engine/engine.ts"
import { holdsSummary } from "../../protocol/holds.ts"
import type { HttpServer } from "../http-server.ts"
import { AS_OF, describe } from "../operation.ts"
import { asOfToWire, holdsSummaryToWire } from "../wire.ts"

export function holdRoutes(server: HttpServer, engine: Engine): void {
  const read = describe({
    id: "summarizeHolds",
    tag: "Reservations",
    summary: "Count what is held, by age and by time left",
    description:
      "Read at most once a second, however many ask. What Redis has granted and Postgres does not know of yet is not in it.",
    kind: "read",
    answers: { 200: { description: "The numbers.", schema: holdsSummary, headers: AS_OF } },
  })
  server.get("/v1/holds/summary", { schema: read }, async (_request, reply) => {
    const summary = await engine.holdsSummary()
    reply.headers(asOfToWire(summary))
    return holdsSummaryToWire(summary)
  })
}
