/** `/v1/theatre`: flash sales that are played, to be looked at. */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { ZodTypeProvider } from "fastify-type-provider-zod"
import { z } from "zod"
import { EarmarkError } from "../../core/errors.ts"
import type { SaleView, Theatre } from "../../engine/theatre.ts"
import { sale, saleBody, saleParams, theatre as theatreSchema } from "../../protocol/theatre.ts"
import { emptyBody } from "../../protocol/webhooks.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { errorTrouble, problemDocument, toProblem } from "../problems.ts"
import { beginStream } from "../streams/begin-stream.ts"
import { problemFrame } from "../streams/event-frames.ts"
import type { OpenStreams } from "../streams/open-streams.ts"
import { saleChunks } from "../streams/sale-frames.ts"
import { saleToWire, theatreToWire } from "../theatre-wire.ts"

const TAG = "Theatre"

export interface TheatreRouteOptions {
  readonly streams: OpenStreams
  readonly standstillMsMax?: number | undefined
}

/** What each of the routes is added with. */
interface Stage {
  readonly server: HttpServer
  readonly theatre: () => Theatre
}

/** @param theatre null: it is turned off, which every one of its routes says */
export function theatreRoutes(
  server: HttpServer,
  theatre: Theatre | null,
  options: TheatreRouteOptions,
): void {
  const opened = () => {
    if (theatre) return theatre
    throw new EarmarkError(
      "not_found",
      "The flash-sale theatre is turned off: EARMARK_THEATRE=1 turns it on.",
    )
  }
  server.register((scope, _options, registered) => {
    // Before anything is looked at: there is nothing that could be asked rightly.
    scope.addHook("onRequest", async () => {
      opened()
    })
    const stage = { server: scope.withTypeProvider<ZodTypeProvider>(), theatre: opened }
    addRead(stage)
    addStart(stage)
    addSale(stage)
    addStream(stage, options)
    addStop(stage)
    registered()
  })
}

function addRead({ server, theatre }: Stage): void {
  const get = describe({
    id: "getTheatre",
    tag: TAG,
    summary: "Who can sell, and what is being sold",
    kind: "read",
    answers: { 200: { description: "The theatre.", schema: theatreSchema } },
    errors: ["not_found"],
  })
  server.get("/v1/theatre", { schema: get }, () => theatreToWire(theatre()))
}

function addStart({ server, theatre }: Stage): void {
  const start = describe({
    id: "startSale",
    tag: TAG,
    summary: "Start a sale",
    description:
      "Empties the sandbox, puts the units into it, and lets the buyers in: real requests against a real engine, or against the " +
      "seller that is broken on purpose. Real stock is never touched. One sale at a time; it ends after 30 s at the latest.",
    kind: "command",
    answers: { 201: { description: "It is being prepared.", schema: sale } },
    errors: ["sale_running", "not_found"],
  })
  server.post("/v1/theatre/sales", { schema: { ...start, body: saleBody } }, async (request, reply) => {
    const outcome = await theatre().start(request.body)
    if (outcome.outcome === "sale_running") return saleRunning(reply, outcome.id)
    reply.code(201).header("location", `/v1/theatre/sales/${outcome.sale.id}`)
    return saleToWire(outcome.sale)
  })
}

function addSale({ server, theatre }: Stage): void {
  const get = describe({
    id: "getSale",
    tag: TAG,
    summary: "Read a sale",
    description: "The last eight are kept, in the memory of the process that played them.",
    kind: "read",
    answers: { 200: { description: "As it is now.", schema: sale } },
    errors: ["sale_not_found", "not_found"],
  })
  server.get("/v1/theatre/sales/:id", { schema: { ...get, params: saleParams } }, (request, reply) => {
    const found = theatre().sale(request.params.id)
    return found ? saleToWire(found) : saleNotFound(reply)
  })
}

function addStream({ server, theatre }: Stage, { streams, standstillMsMax }: TheatreRouteOptions): void {
  const stream = describe({
    id: "streamSale",
    tag: TAG,
    summary: "Watch a sale",
    description:
      "Server-sent events: `sale`, some ten times a second, whose data is the sale as it is at that moment. The stream ends " +
      "with the sale: do not connect again after a final state. A stream that the service has to end earlier says why in a last event " +
      "`problem`.",
    kind: "read",
    answers: { 200: { description: "The stream.", schema: z.string(), contentType: "text/event-stream" } },
    errors: ["sale_not_found", "not_found"],
  })
  server.get(
    "/v1/theatre/sales/:id/stream",
    { exposeHeadRoute: false, schema: { ...stream, params: saleParams } },
    async (request, reply) => {
      if (theatre().sale(request.params.id) === null) return saleNotFound(reply)
      const signal = streams.open(reply.raw)
      const views = theatre().follow(request.params.id, signal)
      if (views === null) return saleNotFound(reply)
      return beginStream(reply, streamOf(views, signal, request), { standstillMsMax })
    },
  )
}

/** The stream with its end, if it does not end with the sale. */
async function* streamOf(
  views: AsyncIterable<SaleView>,
  signal: AbortSignal,
  request: FastifyRequest,
): AsyncGenerator<string, void> {
  yield* saleChunks(views)
  if (signal.reason instanceof EarmarkError) {
    yield problemFrame(problemDocument(errorTrouble(signal.reason), request.id))
  }
}

function addStop({ server, theatre }: Stage): void {
  const stop = describe({
    id: "stopSale",
    tag: TAG,
    summary: "Stop a sale",
    description:
      "Nobody asks any more; whoever has asked is answered, and the books are read. One that is over stays as it is.",
    kind: "command",
    answers: { 200: { description: "It is over.", schema: sale } },
    errors: ["sale_not_found", "not_found"],
  })
  server.post(
    "/v1/theatre/sales/:id/stop",
    { schema: { ...stop, params: saleParams, body: emptyBody } },
    async (request, reply) => {
      const stopped = await theatre().stop(request.params.id)
      return stopped ? saleToWire(stopped) : saleNotFound(reply)
    },
  )
}

function saleNotFound(reply: FastifyReply) {
  return toProblem(reply, {
    code: "sale_not_found",
    detail: "There is no sale with this id, or it is kept no more.",
  })
}

function saleRunning(reply: FastifyReply, id: string | null) {
  const which = id === null ? "Another process over this database plays a sale" : `The sale ${id} is running`
  return toProblem(reply, { code: "sale_running", detail: `${which}: one is played at a time.` })
}
