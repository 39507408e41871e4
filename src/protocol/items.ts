/** Items: `/v1/items`. */
import { z } from "zod"
import { DESCRIPTION_LENGTH_MAX, ON_HAND_MAX, TEXT_LENGTH_MAX } from "../core/limits.ts"
import { orRequired, parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { metadata } from "./metadata.ts"
import { pageInput, pageOf, pageQuery } from "./pages.ts"
import { levelUnits } from "./stock.ts"
import { code, imageUrl, nameText, text } from "./text.ts"
import { moment } from "./times.ts"

export const itemParams = z.strictObject({ sku: code })

export const itemBody = z
  .strictObject(
    {
      name: nameText,
      description: text({ min: 0, max: DESCRIPTION_LENGTH_MAX }).optional(),
      imageUrl: imageUrl.optional(),
      metadata: metadata.optional(),
      lowStockThreshold: integer({ min: 1, max: ON_HAND_MAX }).optional().meta({
        description:
          "With fewer available units at a location the item is low on stock there, which an event tells.",
      }),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({ examples: [{ name: "Mug, blue", description: "Holds 300 ml.", metadata: { colour: "blue" } }] })

export type ItemBody = z.input<typeof itemBody>

const itemInput = itemBody.extend({ sku: code })
export type ItemInput = z.output<typeof itemInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseItem(input: unknown): ItemInput {
  return parseInput(itemInput, input)
}

const q = text({ min: 0, max: TEXT_LENGTH_MAX })
  .meta({ description: "A part of the sku or of the name, in any case.", maxLength: TEXT_LENGTH_MAX })
  .optional()

export const itemsQuery = z.strictObject({ ...pageQuery, q })

const itemFilter = z.strictObject({ ...pageInput, q })
export type ItemFilterInput = z.output<typeof itemFilter>

export function parseItemFilter(input: unknown): ItemFilterInput {
  return parseInput(itemFilter, input)
}

export const locationLevel = z.object({ location: z.string(), ...levelUnits }).meta({ id: "LocationLevel" })
export type WireLocationLevel = z.output<typeof locationLevel>

const sums = {
  available: z.int().meta({ description: "The sum over the locations." }),
  onHand: z.int(),
  held: z.int(),
  locations: z.array(locationLevel).meta({ description: "The location that is asked first comes first." }),
}
const sumsExample = {
  available: 112,
  onHand: 120,
  held: 3,
  locations: [{ location: "BERLIN", onHand: 120, held: 3, safetyStock: 5, available: 112, version: 7 }],
}

export const item = z
  .object({
    sku: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    imageUrl: z.string().nullable(),
    metadata,
    lowStockThreshold: z.int().nullable(),
    ...sums,
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({
    id: "Item",
    examples: [
      {
        sku: "MUG",
        name: "Mug, blue",
        description: "Holds 300 ml.",
        imageUrl: null,
        metadata: { colour: "blue" },
        lowStockThreshold: 10,
        ...sumsExample,
        createdAt: "2026-07-01T12:00:00.000Z",
        updatedAt: "2026-07-01T12:00:00.000Z",
      },
    ],
  })
export type WireItem = z.output<typeof item>

export const itemPage = pageOf(item).meta({ id: "ItemPage" })

export const availability = z
  .object({ sku: z.string(), ...sums, asOf: moment })
  .meta({ id: "Availability", examples: [{ sku: "MUG", ...sumsExample, asOf: "2026-07-01T12:00:00.000Z" }] })
export type WireAvailability = z.output<typeof availability>
