/** Who asks, and in which trace: what the journal and the events say of a request. */
import type { FastifyRequest } from "fastify"
import type { Origin } from "../core/origin.ts"
import { invalidRequest } from "../protocol/input-errors.ts"
import { nameText } from "../protocol/text.ts"
import { headerText } from "./header-text.ts"

/** W3C Trace Context, version 00; a trace or a span of zeros is none. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** A broken `traceparent` is as good as none, as its specification demands; a broken actor is the caller's mistake. */
export function originOf({ headers }: FastifyRequest): Origin | undefined {
  const { "earmark-actor": actor, traceparent } = headers
  const isTraced = typeof traceparent === "string" && TRACEPARENT.test(traceparent)
  if (actor === undefined && !isTraced) return undefined
  const parsed =
    actor === undefined
      ? undefined
      : nameText.safeParse(typeof actor === "string" ? headerText(actor) : actor)
  if (parsed && !parsed.success) {
    throw invalidRequest([
      { pointer: "/headers/earmark-actor", message: parsed.error.issues[0]?.message ?? "is not valid" },
    ])
  }
  return { ...(parsed && { actor: parsed.data }), ...(isTraced && { traceparent }) }
}
