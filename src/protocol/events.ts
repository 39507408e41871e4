/** Events: `/v1/events`. They are made in the shape of the wire, which the schemas here describe. */
import { z } from "zod"
import { REVOCATION_REASONS } from "../core/allotments.ts"
import {
  CROSSINGS,
  type EarmarkEvent,
  EVENT_SHAPES_VERSION,
  EVENT_TYPES,
  type EventType,
} from "../core/events/event.ts"
import { STATES } from "../core/states.ts"
import { parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { metadata } from "./metadata.ts"
import { pageInput, pageQuery } from "./pages.ts"
import { code, text } from "./text.ts"
import { moment } from "./times.ts"

/** A cursor names the positions that it still waits for, two hundred stretches at most; and proxies take no longer headers. */
export const CURSOR_LENGTH_MAX = 8192

const cursor = text({ min: 1, max: CURSOR_LENGTH_MAX }).meta({
  description:
    "`nextCursor` of the page before, or the id of a live event. Without one, the oldest that is kept comes first.",
  maxLength: CURSOR_LENGTH_MAX,
})

const filter = {
  sku: code.optional().meta({ description: "Only what is about this item." }),
  reservationId: z.string().optional().meta({ description: "Only what is about this reservation." }),
}

const after = cursor.optional()

export const eventsQuery = z.strictObject({ limit: pageQuery.limit, after, ...filter })

const eventsInput = z.strictObject({ limit: pageInput.limit, after, ...filter })
export type EventsInput = z.output<typeof eventsInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseEventsRequest(input: unknown): EventsInput {
  return parseInput(eventsInput, input)
}

const begin = cursor.optional().meta({
  description:
    "`nextCursor` of a page, or the id of a live event. Without one, what happens from now on is told.",
  maxLength: CURSOR_LENGTH_MAX,
})

export const eventStreamQuery = z.strictObject({ after: begin, ...filter })

/** Browsers send it by themselves when they connect again. */
export const lastEventId = cursor

/** For the document only: the header is read by the route. */
export const lastEventIdHeaders = z.object({
  "Last-Event-ID": cursor.optional().meta({
    description: "The id of the last event that arrived: what follows it is told. It outdoes `after`.",
    maxLength: CURSOR_LENGTH_MAX,
  }),
})

/** A timer of Node takes no more. */
const IDLE_MS_MAX = 2 ** 31 - 1

const followInput = z.strictObject({
  after: begin,
  ...filter,
  idleMs: integer({ min: 1, max: IDLE_MS_MAX }).optional(),
  signal: z.instanceof(AbortSignal, { error: "must be an AbortSignal" }).optional(),
})

/** For a library call: throws `invalid_request`. */
export function parseFollowRequest(input: unknown): z.output<typeof followInput> {
  return parseInput(followInput, input)
}

const level = z
  .object({
    sku: z.string(),
    location: z.string(),
    version: z.int().meta({ description: "1, 2, 3 ... without a gap, of each stock level." }),
    onHand: z.int(),
    held: z.int(),
    safetyStock: z.int(),
    available: z.int(),
  })
  .meta({ description: "The stock level after the change." })

const actor = z.string().nullable().meta({ description: "Who asked, as the `Earmark-Actor` header said." })
const levelData = { level, actor }

const facts = {
  customerId: z.string().nullable(),
  ttlSeconds: z.int(),
  createdAt: moment,
  expiresAt: moment,
  metadata,
}
/** What retention has dropped is known by its id alone. */
const dropped = z.object({ id: z.string(), state: z.enum(STATES) })

const transition = z.object({
  reservation: z.union([dropped.extend(facts), dropped]),
  lines: z.array(level.extend({ quantity: z.int() })),
  reference: z.string().nullable(),
  reason: z.string().nullable(),
  actor,
})

const DATA = {
  "reservation.held": transition,
  "reservation.confirmed": transition,
  "reservation.released": transition,
  "reservation.expired": transition,
  "reservation.extended": transition,
  "reservation.revoked": z.object({
    reservation: z.object({ id: z.string(), ...facts }),
    lines: z.array(z.object({ sku: z.string(), location: z.string(), quantity: z.int() })),
    reason: z.enum(REVOCATION_REASONS),
    actor,
  }),
  "stock.adjusted": z.object({
    ...levelData,
    delta: z.int(),
    reason: z.string().nullable(),
    reference: z.string().nullable(),
  }),
  "stock.safety_stock_set": z.object(levelData),
  "stock.allotment_changed": z.object({ ...levelData, delta: z.int(), allotted: z.int() }),
  "stock.availability_changed": z.object({
    ...levelData,
    crossing: z.enum(CROSSINGS),
    availableBefore: z.int(),
    threshold: z.int().nullable(),
    cause: z.object({ id: z.string(), type: z.enum(EVENT_TYPES) }),
  }),
} as const satisfies Record<EventType, z.ZodType>

const frame = {
  specversion: z.literal("1.0"),
  id: z.string().meta({ description: "The same for the same change, however often it is told." }),
  source: z.string(),
  subject: z.string().meta({ description: "The reservation's id, or `sku/location`." }),
  time: moment,
  datacontenttype: z.literal("application/json"),
  dataschema: z.string(),
  traceparent: z.string().optional(),
}

/** Of each type, the whole event. */
const EVENT_SCHEMAS = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, z.object({ ...frame, type: z.literal(type), data: DATA[type] })]),
) as unknown as Record<EventType, z.ZodType>

/** As it is published: JSON Schema, one a type, and a new path for shapes that old readers could not understand. */
export function eventJsonSchema(type: EventType): Record<string, unknown> {
  // Metadata is any JSON within bounds, which no schema can say.
  const { $schema, ...schema } = z.toJSONSchema(EVENT_SCHEMAS[type], { io: "input", unrepresentable: "any" })
  return { $schema, $id: eventSchemaPath(type), title: type, ...schema }
}

export function eventSchemaPath(type: EventType): string {
  return `/schemas/events/v${EVENT_SHAPES_VERSION}/${type}.json`
}

export const event = z
  .object({ ...frame, type: z.enum(EVENT_TYPES), data: z.object({}).loose() })
  .meta({ id: "Event", description: "A CloudEvent 1.0. `dataschema` says what its `data` looks like." })

export const eventPage = z
  .object({
    data: z.array(event),
    nextCursor: z.string().meta({ description: "Where to go on, also when nothing is new." }),
  })
  .meta({ id: "EventPage" })

/** The shape of each type, which the schemas above tell to those who have no types. */
export type { EarmarkEvent }
export type WireEventPage = Omit<z.output<typeof eventPage>, "data"> & {
  readonly data: readonly EarmarkEvent[]
}
