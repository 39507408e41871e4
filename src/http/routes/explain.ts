import type { z } from "zod"
import type { Explanation } from "../../core/explanation.ts"
import type { Engine } from "../../engine/engine.ts"
import { explanation, explanationWithHolders } from "../../protocol/explain.ts"
import { EXPLAIN_PATH } from "../../protocol/problem.ts"
import { reservationBody } from "../../protocol/reservations.ts"
import { explanationToWire, explanationWithHoldersToWire } from "../explain-wire.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { refusalTrouble, toProblem } from "../problems.ts"

const ERRORS = [
  "item_not_found",
  "location_not_found",
  "reservation_not_found",
  "reservation_confirmed",
] as const

/** Two paths, so that whoever stands in front can let some ask for the numbers only. */
export function explainRoutes(server: HttpServer, engine: Engine): void {
  addRoute(server, engine, {
    path: EXPLAIN_PATH,
    id: "explain",
    summary: "Why would this be refused, and from when on not any more?",
    description:
      "Takes the body of a reserve and decides it as one, over what there is now; nothing is reserved or locked. Names nobody.",
    schema: explanation,
    toWire: explanationToWire,
  })
  addRoute(server, engine, {
    path: `${EXPLAIN_PATH}/holders`,
    id: "explainWithHolders",
    summary: "The same, with who holds the units until when",
    description: "Names reservations and customers: keep it from those who may not know them, by its path.",
    schema: explanationWithHolders,
    toWire: explanationWithHoldersToWire,
  })
}

interface Route {
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly description: string
  readonly schema: z.ZodType
  readonly toWire: (explanation: Explanation) => object
}

function addRoute(server: HttpServer, engine: Engine, route: Route): void {
  const { path, id, summary, description, schema, toWire } = route
  const operation = describe({
    id,
    tag: "Audit",
    summary,
    description,
    kind: "question",
    answers: { 200: { description: "The explanation, also when it would succeed.", schema } },
    errors: ERRORS,
  })
  server.post(path, { schema: { ...operation, body: reservationBody } }, async (request, reply) => {
    const answer = await engine.explain(request.body)
    return answer.outcome === "explained"
      ? toWire(answer.explanation)
      : toProblem(reply, refusalTrouble(answer))
  })
}
