import type { Engine } from "../../engine/engine.ts"
import { databaseTime } from "../../protocol/time.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"

export function timeRoutes(server: HttpServer, engine: Engine): void {
  const read = describe({
    id: "readTime",
    tag: "Reservations",
    summary: "Read the clock that deadlines go by",
    description: "That of the database, which alone decides when a hold ends: for countdowns to `expiresAt`.",
    kind: "read",
    answers: { 200: { description: "The time.", schema: databaseTime } },
  })
  server.get("/v1/time", { schema: read }, async () => ({ now: (await engine.now()).toISOString() }))
}
