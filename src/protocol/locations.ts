/** Locations: `/v1/locations`. */
import { z } from "zod"
import { PRIORITY_MAX } from "../core/limits.ts"
import { orRequired, parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { metadata } from "./metadata.ts"
import { pageInput, pageOf, pageQuery } from "./pages.ts"
import { code, nameText } from "./text.ts"
import { moment } from "./times.ts"

export const PRIORITY_DEFAULT = 0

export const locationParams = z.strictObject({ code })

export const locationBody = z
  .strictObject(
    {
      name: nameText,
      priority: integer({ min: -PRIORITY_MAX, max: PRIORITY_MAX })
        .default(PRIORITY_DEFAULT)
        .meta({ description: "The location with the lower number is asked first." }),
      metadata: metadata.optional(),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({ examples: [{ name: "Warehouse Berlin", priority: 10 }] })

export type LocationBody = z.input<typeof locationBody>

const locationInput = locationBody.extend({ code })
export type LocationInput = z.output<typeof locationInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseLocation(input: unknown): LocationInput {
  return parseInput(locationInput, input)
}

export const locationsQuery = z.strictObject(pageQuery)

const locationFilter = z.strictObject(pageInput)
export type LocationFilterInput = z.output<typeof locationFilter>

export function parseLocationFilter(input: unknown): LocationFilterInput {
  return parseInput(locationFilter, input)
}

export const location = z
  .object({
    code: z.string(),
    name: z.string(),
    priority: z.int(),
    metadata,
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({
    id: "Location",
    examples: [
      {
        code: "BERLIN",
        name: "Warehouse Berlin",
        priority: 10,
        metadata: {},
        createdAt: "2026-07-01T12:00:00.000Z",
        updatedAt: "2026-07-01T12:00:00.000Z",
      },
    ],
  })
export type WireLocation = z.output<typeof location>

export const locationPage = pageOf(location).meta({ id: "LocationPage" })
