import type { Engine } from "../../engine/engine.ts"
import {
  location,
  locationBody,
  locationPage,
  locationParams,
  locationsQuery,
} from "../../protocol/locations.ts"
import type { HttpServer } from "../http-server.ts"
import { AS_OF, describe } from "../operation.ts"
import { answer } from "../outcomes.ts"
import { asOfToWire, locationToWire, pageToWire } from "../wire.ts"

const TAG = "Locations"

export function locationRoutes(server: HttpServer, engine: Engine): void {
  const put = describe({
    id: "putLocation",
    tag: TAG,
    summary: "Make or replace a location",
    description: "Replaces the whole: what is left out is cleared.",
    kind: "command",
    answers: {
      201: { description: "Made.", schema: location },
      200: { description: "Changed.", schema: location },
    },
  })
  server.put(
    "/v1/locations/:code",
    { schema: { ...put, params: locationParams, body: locationBody } },
    async (request, reply) =>
      answer(reply, await engine.putLocation({ ...request.body, code: request.params.code })),
  )

  const list = describe({
    id: "listLocations",
    tag: TAG,
    summary: "List locations",
    kind: "read",
    answers: { 200: { description: "A page of locations.", schema: locationPage, headers: AS_OF } },
    errors: ["invalid_request"],
  })
  server.get(
    "/v1/locations",
    { schema: { ...list, querystring: locationsQuery } },
    async (request, reply) => {
      const page = await engine.locations(request.query)
      reply.headers(asOfToWire(page))
      return pageToWire(page, locationToWire)
    },
  )
}
