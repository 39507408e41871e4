import type { Engine } from "../../engine/engine.ts"
import { availability, item, itemBody, itemPage, itemParams, itemsQuery } from "../../protocol/items.ts"
import type { HttpServer } from "../http-server.ts"
import { AS_OF, describe } from "../operation.ts"
import { answer } from "../outcomes.ts"
import { refusalTrouble, toProblem } from "../problems.ts"
import { asOfToWire, availabilityToWire, itemToWire, pageToWire } from "../wire.ts"

const TAG = "Items"

export function itemRoutes(server: HttpServer, engine: Engine): void {
  const put = describe({
    id: "putItem",
    tag: TAG,
    summary: "Make or replace an item",
    description: "Replaces the whole: what is left out is cleared. Its stock is not touched.",
    kind: "command",
    answers: { 201: { description: "Made.", schema: item }, 200: { description: "Changed.", schema: item } },
  })
  server.put(
    "/v1/items/:sku",
    { schema: { ...put, params: itemParams, body: itemBody } },
    async (request, reply) =>
      answer(reply, await engine.putItem({ ...request.body, sku: request.params.sku })),
  )

  const list = describe({
    id: "listItems",
    tag: TAG,
    summary: "List items, by sku",
    kind: "read",
    answers: { 200: { description: "A page of items.", schema: itemPage, headers: AS_OF } },
    errors: ["invalid_request"],
  })
  server.get("/v1/items", { schema: { ...list, querystring: itemsQuery } }, async (request, reply) => {
    const page = await engine.items(request.query)
    reply.headers(asOfToWire(page))
    return pageToWire(page, itemToWire)
  })

  const get = describe({
    id: "getItem",
    tag: TAG,
    summary: "Read an item and its stock",
    kind: "read",
    answers: { 200: { description: "The item.", schema: item } },
    errors: ["invalid_request", "item_not_found"],
  })
  server.get("/v1/items/:sku", { schema: { ...get, params: itemParams } }, async (request, reply) => {
    const { sku } = request.params
    const view = await engine.item(sku)
    return view ? itemToWire(view) : toProblem(reply, refusalTrouble({ outcome: "item_not_found", sku }))
  })

  const available = describe({
    id: "getAvailability",
    tag: TAG,
    summary: "Read what is available of an item",
    kind: "read",
    answers: {
      200: { description: "Units by location, as of one moment.", schema: availability, headers: AS_OF },
    },
    errors: ["invalid_request", "item_not_found"],
  })
  server.get(
    "/v1/items/:sku/availability",
    { schema: { ...available, params: itemParams } },
    async (request, reply) => {
      const { sku } = request.params
      const view = await engine.availability(sku)
      if (view === null) return toProblem(reply, refusalTrouble({ outcome: "item_not_found", sku }))
      reply.headers(asOfToWire(view))
      return availabilityToWire(view)
    },
  )
}
