import type { Engine } from "../../engine/engine.ts"
import type { Verification } from "../../engine/verifications.ts"
import { verificationList, verificationsQuery, type WireVerification } from "../../protocol/verifications.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"

export function verificationRoutes(server: HttpServer, engine: Engine): void {
  const list = describe({
    id: "listVerifications",
    tag: "Operation",
    summary: "List what came of the last checks of the books, newest first",
    description: "Of `earmark verify`, which keeps the last 100. Empty: it has not been run.",
    kind: "read",
    answers: { 200: { description: "The newest of them.", schema: verificationList } },
    errors: ["invalid_request"],
  })
  server.get(
    "/v1/verifications",
    { schema: { ...list, querystring: verificationsQuery } },
    async (request) => ({ data: (await engine.verifications(request.query)).map(toWire) }),
  )
}

function toWire({ at, durationMs, version, laws }: Verification): WireVerification {
  return {
    at: at.toISOString(),
    durationMs,
    version,
    holds: laws.every(({ holds }) => holds),
    laws: laws.map((law) => ({ ...law, samples: [...law.samples] })),
  }
}
