/** Why a reserve is refused: `/v1/reservations/explain`. */
import { z } from "zod"
import { moment } from "./times.ts"

const level = z.object({
  location: z.string(),
  onHand: z.int(),
  held: z.int().meta({ description: "For reservations; what Redis may grant is not counted." }),
  safetyStock: z.int().meta({ description: "Kept back from sale." }),
  allotted: z.int().meta({
    description:
      "Units that Redis may grant: available where the service runs the strategy `redis`, and only there.",
  }),
  available: z.int(),
  holds: z.int().meta({ description: "Reservations that hold units here, counted up to 10,000." }),
})

const holders = z
  .array(
    z.object({
      reservationId: z.string(),
      customerId: z.string().nullable(),
      quantity: z.int(),
      expiresAt: moment,
    }),
  )
  .meta({ description: "Those that end first, at most ten; `holds` says how many there are." })

const line = {
  sku: z.string(),
  location: z.string().nullable().meta({ description: "As asked; null: from whichever location has it." }),
  requested: z.int(),
  available: z.int().meta({ description: "For this line, when the other lines have what they asked for." }),
  missing: z.int(),
  nextExpiry: z
    .object({ at: moment, units: z.int() })
    .nullable()
    .meta({ description: "When holds end next, and how many units they give back." }),
  enoughAt: moment.nullable().meta({
    description:
      "From when on there is enough, if no hold is confirmed or extended and nobody else takes anything. Null when nothing is " +
      "missing, when even all holds are not enough, and when it takes more of them than were looked at.",
  }),
}

const whole = {
  wouldSucceed: z
    .boolean()
    .meta({ description: "All or nothing, as a reserve would be decided at that moment." }),
  asOf: moment,
}

const example = {
  wouldSucceed: false,
  asOf: "2026-07-01T12:00:00.000Z",
  lines: [
    {
      sku: "MUG",
      location: null,
      requested: 3,
      available: 1,
      missing: 2,
      nextExpiry: { at: "2026-07-01T12:04:10.000Z", units: 2 },
      enoughAt: "2026-07-01T12:04:10.000Z",
    },
  ],
} as const
const levelExample = {
  location: "BERLIN",
  onHand: 10,
  held: 4,
  safetyStock: 5,
  allotted: 0,
  available: 1,
  holds: 2,
}
const holderExample = {
  reservationId: "rsv_0197c0de5f0a7000a1b2c3d4e5f60718",
  customerId: "c-1",
  quantity: 2,
  expiresAt: "2026-07-01T12:04:10.000Z",
}

function exampleWith(location: object): object {
  return { ...example, lines: example.lines.map((one) => ({ ...one, locations: [location] })) }
}

export const explanation = z
  .object({ ...whole, lines: z.array(z.object({ ...line, locations: z.array(level) })) })
  .meta({ id: "Explanation", examples: [exampleWith(levelExample)] })
export type WireExplanation = z.output<typeof explanation>

export const explanationWithHolders = z
  .object({
    ...whole,
    lines: z.array(z.object({ ...line, locations: z.array(level.extend({ holders })) })),
  })
  .meta({
    id: "ExplanationWithHolders",
    examples: [exampleWith({ ...levelExample, holders: [holderExample] })],
  })
export type WireExplanationWithHolders = z.output<typeof explanationWithHolders>
