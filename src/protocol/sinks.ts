/** Sinks of events, and what they refused for good. */
import { z } from "zod"
import { PAGE_LIMIT_MAX } from "../core/limits.ts"
import { type EarmarkEvent, event } from "./events.ts"
import { sinkHealth } from "./health.ts"
import { integer } from "./integer.ts"
import { pageOf, pageQuery } from "./pages.ts"
import { moment } from "./times.ts"

export const sinkParams = z.object({
  name: z.string().meta({ description: "`kafka`, `stream`, or `webhook:` and the webhook's id." }),
})

export const deadLettersQuery = z.object(pageQuery)
export type DeadLetterFilter = z.output<typeof deadLettersQuery>

export const replayBody = z
  .strictObject(
    {
      ids: z
        .array(integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { error: "must be a list of ids" })
        .min(1, { error: "must have an id" })
        .max(PAGE_LIMIT_MAX, { error: `must have at most ${PAGE_LIMIT_MAX} ids` })
        .optional()
        .meta({ description: "All of them if not given." }),
    },
    { error: "must be a JSON object" },
  )
  .optional()
  .meta({ examples: [{ ids: [17] }] })
export type ReplayBody = NonNullable<z.input<typeof replayBody>>

export const sink = sinkHealth
  .extend({
    movedAt: moment.meta({ description: "When its place in the feed moved last." }),
    isDisabled: z.boolean().meta({ description: "A webhook that is to be told of nothing at present." }),
  })
  .meta({ id: "Sink" })
export type WireSink = z.output<typeof sink>
export const sinkList = z.object({ data: z.array(sink) })
export type WireSinkList = z.output<typeof sinkList>

const deadLetter = z
  .object({ id: z.int(), event, reason: z.string(), refusedAt: moment })
  .meta({ id: "DeadLetter", description: "An event that a sink has refused for good." })
export const deadLetterPage = pageOf(deadLetter).meta({ id: "DeadLetterPage" })
export type WireDeadLetter = Omit<z.output<typeof deadLetter>, "event"> & { readonly event: EarmarkEvent }

export const replayAnswer = z.object({ asked: z.int() }).meta({ id: "SinkReplay" })
export type WireReplayAnswer = z.output<typeof replayAnswer>
