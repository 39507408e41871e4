/** What came of checking the laws of the books. */
import { z } from "zod"
import { parseInput } from "./input-errors.ts"
import { pageInput, pageQuery } from "./pages.ts"
import { moment } from "./times.ts"

export const verificationsQuery = z.object({ limit: pageQuery.limit })
const verificationsInput = z.strictObject({ limit: pageInput.limit })

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseVerificationFilter(input: unknown): VerificationFilter {
  return parseInput(verificationsInput, input)
}

export type VerificationFilter = z.output<typeof verificationsQuery>

const law = z.object({
  id: z.string(),
  law: z.string().meta({ description: "What must hold, in words." }),
  holds: z.boolean(),
  violations: z
    .int()
    .meta({ description: "Rows that break it; of most laws no more than 20 are looked for." }),
  samples: z.array(z.record(z.string(), z.unknown())).meta({ description: "The first of these rows." }),
})

export const verification = z
  .object({
    at: moment,
    durationMs: z.int(),
    version: z.string().meta({ description: "Of the program that checked." }),
    holds: z.boolean().meta({ description: "Every law holds." }),
    laws: z.array(law),
  })
  .meta({ id: "Verification" })
export type WireVerification = z.output<typeof verification>

export const verificationList = z.object({ data: z.array(verification) })
export type WireVerificationList = z.output<typeof verificationList>
