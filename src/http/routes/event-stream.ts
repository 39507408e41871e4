/** `/v1/events/stream`: what happens, as it happens. */
import type { FastifyRequest } from "fastify"
import { z } from "zod"
import { EarmarkError } from "../../core/errors.ts"
import type { Engine } from "../../engine/engine.ts"
import type { EventBatch } from "../../engine/event-feed.ts"
import { eventStreamQuery, lastEventId, lastEventIdHeaders } from "../../protocol/events.ts"
import { invalidRequest, parseInput } from "../../protocol/input-errors.ts"
import type { Metrics } from "../../telemetry/metrics.ts"
import type { HttpServer } from "../http-server.ts"
import { describe } from "../operation.ts"
import { errorTrouble, problemDocument } from "../problems.ts"
import { beginStream } from "../streams/begin-stream.ts"
import { eventChunks, problemFrame } from "../streams/event-frames.ts"
import type { OpenStreams } from "../streams/open-streams.ts"

const HEADER_POINTER = "/headers/last-event-id"

export interface EventStreamOptions {
  readonly metrics: Metrics
  readonly streams: OpenStreams
  readonly heartbeatMs: number
  readonly standstillMsMax?: number | undefined
}

const operation = describe({
  id: "streamEvents",
  tag: "Events",
  summary: "What happens, as it happens",
  description:
    "Server-sent events: `id` is the cursor after the event, `event` its type, `data` the CloudEvent. Comments and blocks with " +
    "an id alone come in between; browsers do all of it by themselves. A stream that the service has to end says why in a last " +
    "event `problem`, whose data is a problem document; `events_dropped` and `events_rewound` are for good, after anything " +
    "else connecting again goes on where it was. A client that reads too slowly is ended with `events_outrun`.",
  kind: "read",
  answers: {
    200: { description: "The stream.", schema: z.string(), contentType: "text/event-stream" },
  },
  errors: ["invalid_request", "events_dropped", "events_rewound"],
})

export function eventStreamRoutes(server: HttpServer, engine: Engine, options: EventStreamOptions): void {
  server.get(
    "/v1/events/stream",
    // Whoever asks for the headers alone would get a stream that nobody reads.
    {
      exposeHeadRoute: false,
      schema: { ...operation, querystring: eventStreamQuery, headers: lastEventIdHeaders },
    },
    async (request, reply) => {
      const { heartbeatMs } = options
      const signal = options.streams.open(reply.raw)
      const sent = lastEventIdOf(request)
      const { after, ...filter } = request.query
      const query = { ...filter, after: sent ?? after, idleMs: heartbeatMs, signal }
      const batches = engine.followEvents(query)[Symbol.asyncIterator]()
      // What waits to be asked for more learns of the end only so.
      signal.addEventListener("abort", () => void batches.return?.())
      const first = await firstOf(batches, sent !== undefined)
      const chunks = streamOf({ [Symbol.asyncIterator]: () => batches }, { first, signal, request, options })
      const { metrics, standstillMsMax } = options
      const onStandstill = () => metrics.eventStreamDropped()
      return beginStream(reply, chunks, { standstillMsMax, onStandstill })
    },
  )
}

/** Until here whatever is wrong becomes the answer. */
async function firstOf(batches: AsyncIterator<EventBatch>, isOfHeader: boolean): Promise<EventBatch> {
  try {
    const { value, done } = await batches.next()
    if (done) throw new EarmarkError("unavailable", "The stream ended before it began.", { notApplied: true })
    return value
  } catch (error) {
    if (!isOfHeader || !(error instanceof EarmarkError) || error.code !== "invalid_request") throw error
    throw invalidRequest(error.errors.map(({ message }) => ({ pointer: HEADER_POINTER, message })))
  }
}

interface Streaming {
  readonly first: EventBatch
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly options: EventStreamOptions
}

/** The stream with its end, if it does not end with the client. */
async function* streamOf(
  batches: AsyncIterable<EventBatch>,
  { first, signal, request, options: { metrics, heartbeatMs } }: Streaming,
): AsyncGenerator<string, void> {
  let ending: unknown
  try {
    yield* eventChunks(batches, { first, heartbeatMs })
    ending = signal.reason
  } catch (error) {
    ending = error
  }
  if (ending instanceof EarmarkError && ending.code === "events_outrun") metrics.eventStreamDropped()
  yield problemFrame(problemDocument(errorTrouble(ending), request.id))
}

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const sent = headers["last-event-id"]
  // Some clients send it empty as long as nothing has arrived.
  return sent === undefined || sent === "" ? undefined : parseInput(lastEventId, sent, HEADER_POINTER)
}
