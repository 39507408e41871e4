import { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { takenWithin } from "./taken-within.ts"

/** A client that takes nothing for so long is gone, or as good as that. */
const STANDSTILL_MS_MAX = 30_000

export interface StreamOptions {
  /** 30 s if not given. */
  readonly standstillMsMax?: number | undefined
  /** Told of a client that took nothing for so long, before it is disconnected. */
  readonly onStandstill?: () => void
}

/** Answers with server-sent events, until they end or the client takes no more of them. */
export function beginStream(
  reply: FastifyReply,
  chunks: AsyncIterable<string>,
  { standstillMsMax = STANDSTILL_MS_MAX, onStandstill = () => {} }: StreamOptions = {},
): FastifyReply {
  reply.type("text/event-stream").header("cache-control", "no-store")
  // Else nginx collects what should arrive at once.
  reply.header("x-accel-buffering", "no")
  const taken = takenWithin(standstillMsMax, chunks, () => {
    onStandstill()
    reply.raw.destroy()
  })
  return reply.send(Readable.from(taken))
}
