/** What is held, in numbers. */
import { z } from "zod"

const total = z.object({ holds: z.int(), units: z.int() }).meta({
  id: "HoldsTotal",
  description: "Holds, which are lines of reservations, and the units that they hold.",
})

const buckets = z.array(total)

export const holdsSummary = z
  .object({
    holds: z.int(),
    units: z.int(),
    isEstimate: z.boolean().meta({
      description: "There are so many that a share of them was counted: mostly right to a few per cent.",
    }),
    boundsSeconds: z.array(z.int()),
    byAge: buckets.meta({
      description:
        "Younger than each of `boundsSeconds`, and no younger than the one before; the last one has the rest.",
    }),
    byTimeLeft: buckets.meta({ description: "In the same way, by the time until the deadline." }),
    overdue: z
      .object({
        holds: z.int(),
        isMore: z.boolean().meta({ description: "There are more than were counted." }),
        lagSeconds: z
          .number()
          .meta({ description: "How long the longest overdue one has been so; 0 without any." }),
      })
      .meta({
        description:
          "Past their deadline, so free already and in none of the numbers above: no sweep has recorded it yet.",
      }),
  })
  .meta({ id: "HoldsSummary" })
export type WireHoldsSummary = z.output<typeof holdsSummary>
