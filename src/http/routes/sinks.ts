import type { FastifyReply } from "fastify"
import type { DeadEvent } from "../../engine/sink-store.ts"
import type { Sinks } from "../../engine/sinks.ts"
import {
  deadLetterPage,
  deadLettersQuery,
  replayAnswer,
  replayBody,
  sinkList,
  sinkParams,
} from "../../protocol/sinks.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { toProblem } from "../problems.ts"
import { sinkToWire } from "../sink-wire.ts"
import { pageToWire } from "../wire.ts"

const TAG = "Operation"

export function sinkRoutes(server: HttpServer, sinks: Sinks): void {
  const list = describe({
    id: "listSinks",
    tag: TAG,
    summary: "List the sinks of events, and how far behind each is",
    description: "Kafka, the stream of Redis, and each webhook.",
    kind: "read",
    answers: { 200: { description: "All of them.", schema: sinkList } },
  })
  server.get("/v1/sinks", { schema: list }, async () => ({ data: (await sinks.status()).map(sinkToWire) }))

  const listDead = describe({
    id: "listDeadLetters",
    tag: TAG,
    summary: "List what a sink has refused for good, oldest first",
    kind: "read",
    answers: { 200: { description: "A page of dead letters.", schema: deadLetterPage } },
    errors: ["invalid_request", "sink_not_found"],
  })
  server.get(
    "/v1/sinks/:name/dead-letters",
    { schema: { ...listDead, params: sinkParams, querystring: deadLettersQuery } },
    async (request, reply) => {
      const page = await sinks.deadEvents(request.params.name, request.query)
      return page ? pageToWire(page, deadLetterToWire) : sinkNotFound(reply)
    },
  )

  const replay = describe({
    id: "replayDeadLetters",
    tag: TAG,
    summary: "Hand on once more what a sink has refused",
    description:
      "The worker that has the sink does so within seconds. What is taken is no dead letter any more; what is refused again stays, with the new reason.",
    kind: "command",
    answers: { 202: { description: "So many will be handed on.", schema: replayAnswer } },
    errors: ["sink_not_found"],
  })
  server.post(
    "/v1/sinks/:name/dead-letters/replay",
    { schema: { ...replay, params: sinkParams, body: replayBody } },
    async (request, reply) => {
      const asked = await sinks.replay(request.params.name, request.body?.ids)
      if (asked === null) return sinkNotFound(reply)
      reply.code(202)
      return { asked }
    },
  )
}

function deadLetterToWire({ id, event, reason, refusedAt }: DeadEvent) {
  return { id, event, reason, refusedAt: refusedAt.toISOString() }
}

function sinkNotFound(reply: FastifyReply) {
  return toProblem(reply, { code: "sink_not_found", detail: "There is no sink with this name." })
}
