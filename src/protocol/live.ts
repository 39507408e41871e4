/** What is available, live: `/v1/live`. */
import { z } from "zod"
import { LIVE_SKUS_MAX } from "../core/limits.ts"
import { parseInput } from "./input-errors.ts"
import { availability } from "./items.ts"
import { code } from "./text.ts"

const SKUS_EXPECTED = `must be 1 to ${LIVE_SKUS_MAX} skus, repeated or separated by commas`

const skus = z
  .array(code, { error: SKUS_EXPECTED })
  .min(1, { error: SKUS_EXPECTED })
  .max(LIVE_SKUS_MAX, { error: SKUS_EXPECTED })
  .transform((all) => [...new Set(all)])

/** A query string has one text, or several. */
const skuParameter = z
  .preprocess((value) => (value === undefined ? value : [value].flat().flatMap(split)), skus)
  .meta({ description: `The items to watch: 1 to ${LIVE_SKUS_MAX}, repeated or separated by commas.` })

export const liveQuery = z.strictObject({ sku: skuParameter })

/** For a library call: throws `invalid_request`. */
export function parseWatchedSkus(input: unknown): string[] {
  return parseInput(skus, input)
}

function split(value: unknown): unknown[] {
  return typeof value === "string" ? value.split(",") : [value]
}

export const liveMessage = availability
  .extend({ type: z.literal("availability") })
  .meta({ id: "LiveAvailability", description: "One item as it is now: the latest message about it counts." })
export type WireLiveMessage = z.output<typeof liveMessage>
