/** Answers of the probes. */
import { z } from "zod"
import { moment } from "./times.ts"

export const healthQuery = z.object({
  verbose: z.enum(["", "1", "true"]).optional().meta({
    description: "Also say how what runs behind is doing: none of it keeps the service from being ready.",
  }),
})

const failure = z
  .object({ reason: z.string(), since: moment, times: z.int() })
  .nullable()
  .meta({ description: "Why it takes no events, since when, and how often that was tried." })

export const sinkHealth = z
  .object({
    name: z.string(),
    lagSeconds: z
      .number()
      .meta({ description: "How long the oldest event that it was not told of has been waiting." }),
    deadEvents: z.int().meta({ description: "Events that it has refused for good." }),
    failure,
  })
  .meta({ id: "SinkHealth" })
export type WireSinkHealth = z.output<typeof sinkHealth>

const replicaHealth = z
  .object({
    state: z.string().meta({
      description:
        "`fresh`: it may be read. Else the primary stands in for it: `stale`, `away`, `promoted`, `foreign`, `unseen`.",
    }),
    asOf: moment.nullable().meta({ description: "What was committed by then it was seen to have." }),
    ageSeconds: z.number().nullable(),
  })
  .meta({ id: "ReplicaHealth" })

export const health = z
  .object({
    status: z.literal("ok"),
    sinks: z.array(sinkHealth).optional(),
    replica: replicaHealth.optional().meta({ description: "Where a read replica is set." }),
  })
  .meta({ id: "Health" })
export type WireHealth = z.output<typeof health>
