/** Items that Redis grants from memory. */
import { z } from "zod"
import { ON_HAND_MAX } from "../core/limits.ts"
import { orRequired, parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { code } from "./text.ts"

const target = integer({ min: 0, max: ON_HAND_MAX }).meta({
  description:
    "Units of each stock level of the item that Redis should have ready. `0` takes every unit back to Postgres.",
})

export const hotItemBody = z
  .strictObject({ target }, { error: orRequired("must be a JSON object") })
  .meta({ examples: [{ target: 500 }] })

export type HotItemBody = z.input<typeof hotItemBody>

const hotItemInput = z.strictObject({ sku: code, target })
export type HotItemInput = z.output<typeof hotItemInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseHotItem(input: unknown): HotItemInput {
  return parseInput(hotItemInput, input)
}

export const hotItem = z
  .object({
    sku: z.string(),
    target: z.int(),
    locations: z.array(
      z.object({
        location: z.string(),
        allotted: z
          .int()
          .meta({ description: "Units that are Redis' now: ready there, or granted and not persisted yet." }),
      }),
    ),
  })
  .meta({
    id: "HotItem",
    examples: [{ sku: "DROP-1", target: 500, locations: [{ location: "BERLIN", allotted: 500 }] }],
  })

export type WireHotItem = z.output<typeof hotItem>

export const hotItemList = z.object({ data: z.array(hotItem) })
export type WireHotItemList = z.output<typeof hotItemList>
