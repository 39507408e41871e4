/** What one process of the service has counted since it started. */
import { z } from "zod"
import { moment } from "./times.ts"

const count = z.int().min(0)
const counts = z.record(z.string(), count)

const latency = z
  .object({
    counts: z.array(count).meta({
      description:
        "How many took no longer than each of `latencyBoundsSeconds`, and longer than the one before; the last one: how many took longer than all.",
    }),
    sumSeconds: z.number(),
  })
  .meta({ id: "Latency" })

const operation = z
  .object({
    operation: z.string().meta({ examples: ["reserve"] }),
    succeeded: counts.meta({ description: "By outcome: `reserved`, `replayed`, `confirmed` and so on." }),
    refused: counts.meta({ description: "By error code with a status below 500." }),
    failed: counts.meta({ description: "By error code with a status from 500 on." }),
    latency,
  })
  .meta({ id: "OperationStatistics" })

const shard = z
  .object({
    shard: z.int(),
    isOpen: z.boolean().meta({ description: "While it is not, Postgres stands in for it." }),
    grants: count.nullable().meta({ description: "Those that are not persisted." }),
    lagSeconds: z.number().nullable().meta({ description: "Age of the oldest entry in its stream." }),
    deadLetters: count.nullable(),
  })
  .meta({ id: "ShardStatistics" })

export const statistics = z
  .object({
    process: z.object({
      name: z
        .string()
        .meta({ description: "Host and process id: with `startedAt` it tells one from another." }),
      startedAt: moment,
      uptimeSeconds: z.number().meta({ description: "When this was read, on a clock that never jumps." }),
      strategy: z.string(),
    }),
    latencyBoundsSeconds: z.array(z.number()),
    operations: z.array(operation),
    requests: z.object({
      answered: counts.meta({ description: "HTTP requests, by status." }),
      latency: latency.meta({ description: "Of those that are answered at once: streams are left out." }),
    }),
    transactions: z.object({
      queued: count.meta({ description: "Requests that are waiting for a transaction now." }),
      batches: count.meta({ description: "Transactions that carried any number of requests." }),
      batchedRequests: count,
      retried: counts.meta({ description: "Those that ran again, by reason." }),
    }),
    sweep: z.object({
      expiredHolds: count.meta({
        description: "Reservations whose end was recorded by the sweep of this process.",
      }),
      lagSeconds: z.number().meta({
        description: "How long the longest overdue one had been overdue, in the last sweep of this process.",
      }),
    }),
    pool: z
      .object({ total: count, idle: count, waiting: count })
      .nullable()
      .meta({ description: "Postgres connections, and requests that wait for one; null: not known." }),
    streams: z.object({
      events: count.meta({ description: "Streams of events that are open." }),
      live: count.meta({ description: "WebSockets on which availability is watched." }),
    }),
    redis: z.object({
      outstanding: count.meta({
        description: "Acknowledged as provisional by this process, and perhaps not persisted yet.",
      }),
      revoked: counts.meta({ description: "Provisional reservations that could not be kept, by reason." }),
      shards: z.array(shard).meta({ description: "As the workers of this process see them." }),
    }),
  })
  .meta({ id: "Statistics" })
export type WireStatistics = z.output<typeof statistics>
