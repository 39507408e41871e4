import { EVENT_TYPES } from "../../core/events/event.ts"
import type { Engine } from "../../engine/engine.ts"
import { eventJsonSchema, eventPage, eventSchemaPath, eventsQuery } from "../../protocol/events.ts"
import type { HttpServer } from "../http-server.ts"
import { AS_OF, describe } from "../operation.ts"
import { asOfToWire } from "../wire.ts"

const TAG = "Events"

export function eventRoutes(server: HttpServer, engine: Engine): void {
  const list = describe({
    id: "listEvents",
    tag: TAG,
    summary: "What happened, oldest first",
    description:
      "Each change at least once, of each stock level in the order of its versions; `id` tells duplicates. A page that looks for " +
      "something rare may be empty and yet lead on.",
    kind: "read",
    answers: { 200: { description: "A page of events.", schema: eventPage, headers: AS_OF } },
    errors: ["invalid_request", "events_dropped", "events_rewound"],
  })
  server.get("/v1/events", { schema: { ...list, querystring: eventsQuery } }, async (request, reply) => {
    const page = await engine.events(request.query)
    reply.headers(asOfToWire(page))
    const { events, nextCursor } = page
    return { data: events.map(({ event }) => event), nextCursor }
  })
}

/** Outside of `/v1`: shapes have versions of their own. */
export function eventSchemaRoutes(server: HttpServer): void {
  for (const type of EVENT_TYPES) {
    const schema = eventJsonSchema(type)
    server.get(eventSchemaPath(type), { schema: { hide: true } }, (_request, reply) => {
      reply.header("cache-control", "public, max-age=86400").type("application/schema+json")
      return JSON.stringify(schema)
    })
  }
}
