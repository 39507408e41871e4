import type { FastifyReply } from "fastify"
import type { Webhooks } from "../../engine/webhooks.ts"
import {
  deliveriesQuery,
  delivery,
  deliveryDetail,
  deliveryPage,
  deliveryParams,
  emptyBody,
  webhookParams,
} from "../../protocol/webhooks.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { toProblem } from "../problems.ts"
import { deliveryDetailToWire, deliveryIdOf, deliveryToWire } from "../webhook-wire.ts"
import { pageToWire } from "../wire.ts"
import { WEBHOOKS_TAG, webhookNotFound } from "./webhooks.ts"

export function webhookDeliveryRoutes(server: HttpServer, webhooks: Webhooks): void {
  const list = describe({
    id: "listWebhookDeliveries",
    tag: WEBHOOKS_TAG,
    summary: "List what is owed to a webhook, or was sent to it, newest first",
    description: "What is settled is kept for three days, the newest 10,000 of each webhook at most.",
    kind: "read",
    answers: { 200: { description: "A page of deliveries.", schema: deliveryPage } },
    errors: ["invalid_request", "webhook_not_found"],
  })
  server.get(
    "/v1/webhooks/:id/deliveries",
    { schema: { ...list, params: webhookParams, querystring: deliveriesQuery } },
    async (request, reply) => {
      const page = await webhooks.deliveries(request.params.id, request.query)
      return page ? pageToWire(page, deliveryToWire) : webhookNotFound(reply)
    },
  )

  const get = describe({
    id: "getWebhookDelivery",
    tag: WEBHOOKS_TAG,
    summary: "Read a delivery and what came of each attempt",
    kind: "read",
    answers: { 200: { description: "The delivery.", schema: deliveryDetail } },
    errors: ["delivery_not_found"],
  })
  server.get(
    "/v1/webhooks/:id/deliveries/:deliveryId",
    { schema: { ...get, params: deliveryParams } },
    async (request, reply) => {
      const deliveryId = deliveryIdOf(request.params.deliveryId)
      const found = deliveryId && (await webhooks.delivery(request.params.id, deliveryId))
      return found ? deliveryDetailToWire(found) : deliveryNotFound(reply)
    },
  )

  const again = describe({
    id: "redeliver",
    tag: WEBHOOKS_TAG,
    summary: "Send an event once more",
    description:
      "Beside the order of its items, with the same `webhook-id`. One that waits is tried at once, in its place.",
    kind: "command",
    answers: { 202: { description: "It will be sent.", schema: delivery } },
    errors: ["delivery_not_found"],
  })
  server.post(
    "/v1/webhooks/:id/deliveries/:deliveryId/redeliver",
    { schema: { ...again, params: deliveryParams, body: emptyBody } },
    async (request, reply) => {
      const deliveryId = deliveryIdOf(request.params.deliveryId)
      const owed = deliveryId && (await webhooks.redeliver(request.params.id, deliveryId))
      if (!owed) return deliveryNotFound(reply)
      reply.code(202)
      return deliveryToWire(owed)
    },
  )
}

function deliveryNotFound(reply: FastifyReply) {
  return toProblem(reply, {
    code: "delivery_not_found",
    detail: "There is no delivery with this id, or it is kept no more.",
  })
}
