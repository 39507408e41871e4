import type { Engine } from "../../engine/engine.ts"
import {
  confirmBody,
  extendBody,
  releaseBody,
  reservation,
  reservationBody,
  reservationPage,
  reservationParams,
  reservationsQuery,
} from "../../protocol/reservations.ts"
import type { HttpServer } from "../http-server.ts"
import { idempotencyKeyOf } from "../idempotency-key.ts"
import { AS_OF, describe, idempotencyHeaders, LOCATION, REPLAYED } from "../operation.ts"
import { originOf } from "../origin.ts"
import { answer } from "../outcomes.ts"
import { refusalTrouble, toProblem } from "../problems.ts"
import { asOfToWire, pageToWire, reservationToWire } from "../wire.ts"

const TAG = "Reservations"

export function reservationRoutes(server: HttpServer, engine: Engine): void {
  addReserve(server, engine)
  addReads(server, engine)
  addConfirmAndRelease(server, engine)
  addExtend(server, engine)
}

function addReserve(server: HttpServer, engine: Engine): void {
  const reserve = describe({
    id: "reserve",
    tag: TAG,
    summary: "Set units aside: the whole basket or nothing",
    kind: "command",
    answers: {
      201: { description: "Reserved.", schema: reservation, headers: LOCATION },
      200: {
        description: "Replayed: the reservation as it stands now.",
        schema: reservation,
        headers: REPLAYED,
      },
    },
    errors: [
      "item_not_found",
      "location_not_found",
      "reservation_not_found",
      "insufficient_stock",
      "reservation_confirmed",
      "idempotency_key_reused",
    ],
  })
  server.post(
    "/v1/reservations",
    { schema: { ...reserve, headers: idempotencyHeaders, body: reservationBody } },
    async (request, reply) => {
      const idempotencyKey = idempotencyKeyOf(request)
      return answer(
        reply,
        await engine.reserve({ ...request.body, idempotencyKey }, { origin: originOf(request) }),
      )
    },
  )
}

function addReads(server: HttpServer, engine: Engine): void {
  const list = describe({
    id: "listReservations",
    tag: TAG,
    summary: "List reservations, newest first",
    kind: "read",
    answers: { 200: { description: "A page of reservations.", schema: reservationPage, headers: AS_OF } },
    errors: ["invalid_request"],
  })
  server.get(
    "/v1/reservations",
    { schema: { ...list, querystring: reservationsQuery } },
    async (request, reply) => {
      const page = await engine.reservations(request.query)
      reply.headers(asOfToWire(page))
      return pageToWire(page, reservationToWire)
    },
  )

  const get = describe({
    id: "getReservation",
    tag: TAG,
    summary: "Read a reservation",
    description: "A hold past its deadline reads `expired`, whether or not that has been recorded yet.",
    kind: "read",
    answers: { 200: { description: "The reservation.", schema: reservation } },
    errors: ["reservation_not_found"],
  })
  server.get(
    "/v1/reservations/:id",
    { schema: { ...get, params: reservationParams } },
    async (request, reply) => {
      const { id } = request.params
      const view = await engine.reservation(id)
      return view
        ? reservationToWire(view)
        : toProblem(reply, refusalTrouble({ outcome: "reservation_not_found", id }))
    },
  )
}

function addConfirmAndRelease(server: HttpServer, engine: Engine): void {
  const confirm = describe({
    id: "confirm",
    tag: TAG,
    summary: "Sell what was held",
    description: "Asking again gives the same answer. A second `reference` does not replace the first.",
    kind: "command",
    answers: { 200: { description: "Confirmed.", schema: reservation } },
    errors: ["reservation_not_found", "reservation_released", "reservation_expired"],
  })
  server.post(
    "/v1/reservations/:id/confirm",
    { schema: { ...confirm, params: reservationParams, body: confirmBody } },
    async (request, reply) =>
      answer(reply, await engine.confirm(request.params.id, request.body, { origin: originOf(request) })),
  )

  const release = describe({
    id: "release",
    tag: TAG,
    summary: "Give back what was held",
    description: "Asking again gives the same answer. A hold that has expired is given back already.",
    kind: "command",
    answers: { 200: { description: "Released, or expired before.", schema: reservation } },
    errors: ["reservation_not_found", "reservation_confirmed"],
  })
  server.post(
    "/v1/reservations/:id/release",
    { schema: { ...release, params: reservationParams, body: releaseBody } },
    async (request, reply) =>
      answer(reply, await engine.release(request.params.id, request.body, { origin: originOf(request) })),
  )
}

function addExtend(server: HttpServer, engine: Engine): void {
  const extend = describe({
    id: "extend",
    tag: TAG,
    summary: "Move the deadline of a hold",
    description: "`expiresAt` becomes `ttlSeconds` from now, never earlier than it was.",
    kind: "command",
    answers: { 200: { description: "Extended.", schema: reservation } },
    errors: [
      "reservation_not_found",
      "reservation_confirmed",
      "reservation_released",
      "reservation_expired",
      "lifetime_exceeded",
    ],
  })
  server.post(
    "/v1/reservations/:id/extend",
    { schema: { ...extend, params: reservationParams, body: extendBody } },
    async (request, reply) =>
      answer(reply, await engine.extend(request.params.id, request.body, { origin: originOf(request) })),
  )
}
