import type { FastifyReply } from "fastify"
import type { Webhooks } from "../../engine/webhooks.ts"
import {
  delivery,
  emptyBody,
  OVERLAP_SECONDS_DEFAULT,
  rotateBody,
  webhook,
  webhookBody,
  webhookChanges,
  webhookPage,
  webhookParams,
  webhooksQuery,
  webhookWithSecret,
} from "../../protocol/webhooks.ts"
import type { HttpServer } from "../http-server.ts"
import { idempotencyKeyOf } from "../idempotency-key.ts"
import { describe, idempotencyHeaders, REPLAYED } from "../operation.ts"
import { refusalTrouble, toProblem } from "../problems.ts"
import { deliveryToWire, webhookToWire, withSecretToWire } from "../webhook-wire.ts"
import { pageToWire } from "../wire.ts"

export const WEBHOOKS_TAG = "Webhooks"

export function webhookRoutes(server: HttpServer, webhooks: Webhooks): void {
  addMake(server, webhooks)
  addReads(server, webhooks)
  addChanges(server, webhooks)
  addRotate(server, webhooks)
  addTest(server, webhooks)
}

/** What is null is not there. */
export function webhookNotFound(reply: FastifyReply) {
  return toProblem(reply, { code: "webhook_not_found", detail: "There is no webhook with this id." })
}

function addMake(server: HttpServer, webhooks: Webhooks): void {
  const make = describe({
    id: "addWebhook",
    tag: WEBHOOKS_TAG,
    summary: "Have events sent to an endpoint",
    description:
      "From now on, at least once, in the order of each item, signed as the Standard Webhooks say. A url that can be seen to " +
      "lead to a private address is refused here, any other at each attempt.",
    kind: "command",
    answers: {
      201: { description: "Made, with the secret that messages are signed with.", schema: webhookWithSecret },
      200: { description: "Replayed: as it stands now.", schema: webhookWithSecret, headers: REPLAYED },
    },
    errors: ["idempotency_key_reused"],
  })
  server.post(
    "/v1/webhooks",
    { schema: { ...make, headers: idempotencyHeaders, body: webhookBody } },
    async (request, reply) => {
      const idempotencyKey = idempotencyKeyOf(request)
      const outcome = await webhooks.add({ ...request.body, idempotencyKey })
      if (!("webhook" in outcome)) return toProblem(reply, refusalTrouble(outcome))
      reply.code(outcome.outcome === "made" ? 201 : 200)
      if (outcome.outcome === "made") reply.header("location", `/v1/webhooks/${outcome.webhook.id}`)
      else reply.header("idempotent-replayed", "true")
      return withSecretToWire(outcome)
    },
  )
}

function addReads(server: HttpServer, webhooks: Webhooks): void {
  const list = describe({
    id: "listWebhooks",
    tag: WEBHOOKS_TAG,
    summary: "List webhooks, newest first",
    kind: "read",
    answers: { 200: { description: "A page of webhooks.", schema: webhookPage } },
    errors: ["invalid_request"],
  })
  server.get("/v1/webhooks", { schema: { ...list, querystring: webhooksQuery } }, async (request) =>
    pageToWire(await webhooks.list(request.query), webhookToWire),
  )

  const get = describe({
    id: "getWebhook",
    tag: WEBHOOKS_TAG,
    summary: "Read a webhook and how it does",
    kind: "read",
    answers: { 200: { description: "The webhook.", schema: webhook } },
    errors: ["webhook_not_found"],
  })
  server.get("/v1/webhooks/:id", { schema: { ...get, params: webhookParams } }, async (request, reply) => {
    const found = await webhooks.get(request.params.id)
    return found ? webhookToWire(found) : webhookNotFound(reply)
  })
}

function addChanges(server: HttpServer, webhooks: Webhooks): void {
  const change = describe({
    id: "changeWebhook",
    tag: WEBHOOKS_TAG,
    summary: "Change, disable or enable a webhook",
    description:
      "What is left out stays as it is; null means all again. While it is disabled its place in the feed stays where it is. " +
      "Enabling, and another url, make everything that waits due at once.",
    kind: "command",
    answers: { 200: { description: "Changed.", schema: webhook } },
    errors: ["webhook_not_found"],
  })
  server.patch(
    "/v1/webhooks/:id",
    { schema: { ...change, params: webhookParams, body: webhookChanges } },
    async (request, reply) => {
      const outcome = await webhooks.change(request.params.id, request.body)
      if (outcome.outcome === "webhook_not_found") return webhookNotFound(reply)
      if (outcome.outcome === "invalid_request") return toProblem(reply, refusalTrouble(outcome))
      return webhookToWire(outcome.webhook)
    },
  )

  const remove = describe({
    id: "removeWebhook",
    tag: WEBHOOKS_TAG,
    summary: "Remove a webhook",
    description:
      "With its deliveries and its dead letters. What is being sent at this moment may still arrive.",
    kind: "command",
    answers: { 204: { description: "Removed." } },
    errors: ["webhook_not_found"],
  })
  server.delete(
    "/v1/webhooks/:id",
    { schema: { ...remove, params: webhookParams } },
    async (request, reply) => {
      if (!(await webhooks.remove(request.params.id))) return webhookNotFound(reply)
      return reply.code(204).send()
    },
  )
}

function addRotate(server: HttpServer, webhooks: Webhooks): void {
  const rotate = describe({
    id: "rotateWebhookSecret",
    tag: WEBHOOKS_TAG,
    summary: "Replace the secret of a webhook",
    description: "Until the former one is good no more, messages carry a signature with each of them.",
    kind: "command",
    answers: { 200: { description: "The webhook with its new secret.", schema: webhookWithSecret } },
    errors: ["webhook_not_found"],
  })
  server.post(
    "/v1/webhooks/:id/rotate-secret",
    { schema: { ...rotate, params: webhookParams, body: rotateBody } },
    async (request, reply) => {
      const overlapSeconds = request.body?.overlapSeconds ?? OVERLAP_SECONDS_DEFAULT
      const rotated = await webhooks.rotateSecret(request.params.id, overlapSeconds)
      return rotated ? withSecretToWire(rotated) : webhookNotFound(reply)
    },
  )
}

function addTest(server: HttpServer, webhooks: Webhooks): void {
  const test = describe({
    id: "testWebhook",
    tag: WEBHOOKS_TAG,
    summary: "Send a test event",
    description:
      "A CloudEvent of the type `webhook.test`, sent once, beside everything that waits; while the webhook is disabled it waits.",
    kind: "command",
    answers: {
      202: { description: "It will be sent: read the delivery to see what came of it.", schema: delivery },
    },
    errors: ["webhook_not_found"],
  })
  server.post(
    "/v1/webhooks/:id/test",
    { schema: { ...test, params: webhookParams, body: emptyBody } },
    async (request, reply) => {
      const owed = await webhooks.test(request.params.id)
      if (owed === null) return webhookNotFound(reply)
      reply.code(202).header("location", deliveryPath(request.params.id, owed.id))
      return deliveryToWire(owed)
    },
  )
}

function deliveryPath(webhookId: string, id: number): string {
  return `/v1/webhooks/${webhookId}/deliveries/dlv_${id}`
}
