/** Reservations: `/v1/reservations`. */
import { z } from "zod"
import { LINES_MAX, QUANTITY_MAX, TTL_SECONDS_CEILING, TTL_SECONDS_MIN } from "../core/limits.ts"
import { addUpLines } from "../core/requested-lines.ts"
import { STATES } from "../core/states.ts"
import { idempotencyKey } from "./idempotency-key.ts"
import { orRequired, parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { metadata } from "./metadata.ts"
import { pageInput, pageOf, pageQuery } from "./pages.ts"
import { code, nameText, remarkText } from "./text.ts"
import { moment } from "./times.ts"

/** The configured cap lies below and is checked by the engine, which knows it. */
const ttlSeconds = integer({ min: TTL_SECONDS_MIN, max: TTL_SECONDS_CEILING }).meta({
  description:
    "At most what the service is configured to give, `EARMARK_HOLD_TTL_MAX_SECONDS`: 86400 unless set otherwise. " +
    "More is refused with 400.",
})

const line = z.strictObject(
  { sku: code, quantity: integer({ min: 1, max: QUANTITY_MAX }), location: code.optional() },
  { error: "must be a JSON object" },
)

const LINES_EXPECTED = `must be an array of 1 to ${LINES_MAX} lines`

const lines = z
  .array(line, { error: orRequired(LINES_EXPECTED) })
  .min(1, { error: LINES_EXPECTED })
  .max(LINES_MAX, { error: LINES_EXPECTED })
  .refine(sumsAreWithinTheLimit, {
    error: `must not ask for more than ${QUANTITY_MAX} units of one sku at one location in total`,
  })

/** Equal lines are added up before they are reserved, so their sum is a line like any other. */
function sumsAreWithinTheLimit(sent: readonly z.output<typeof line>[]): boolean {
  if (sent.length === 1) return true
  const requested = sent.map(({ sku, quantity, location = null }) => ({ sku, quantity, location }))
  return addUpLines(requested).every(({ quantity }) => quantity <= QUANTITY_MAX)
}

export const reservationBody = z
  .strictObject(
    {
      customerId: nameText.optional(),
      lines,
      ttlSeconds: ttlSeconds.optional(),
      metadata: metadata.optional(),
      replaces: z
        .string({ error: "must be the id of a reservation" })
        .meta({
          description: "Id of an earlier reservation of the same customer, given back in the same step.",
        })
        .optional(),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({
    examples: [
      { customerId: "c-1", lines: [{ sku: "MUG", quantity: 2 }], ttlSeconds: 600 },
      { lines: [{ sku: "MUG", quantity: 1, location: "BERLIN" }], metadata: { cart: "7f3a" } },
    ],
  })

export type ReservationBody = z.input<typeof reservationBody>

const reservationInput = reservationBody.extend({ idempotencyKey: idempotencyKey.optional() })
export type ReservationInput = z.output<typeof reservationInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseReserveRequest(input: unknown): ReservationInput {
  return parseInput(reservationInput, input)
}

/** The same without a key, which means nothing where nothing is carried out. */
export function parseExplainRequest(input: unknown): z.output<typeof reservationBody> {
  return parseInput(reservationBody, input)
}

export const reservationParams = z.strictObject({
  id: z.string().meta({ examples: ["rsv_0197c0de5f0a7000a1b2c3d4e5f60718"] }),
})

/** A command may come without a body, so these are optional as a whole. */
export const confirmBody = z
  .strictObject({ reference: remarkText.optional() }, { error: "must be a JSON object" })
  .meta({ examples: [{ reference: "order-4711" }] })
  .optional()
export const releaseBody = z
  .strictObject({ reason: remarkText.optional() }, { error: "must be a JSON object" })
  .meta({ examples: [{ reason: "changed their mind" }] })
  .optional()
export const extendBody = z
  .strictObject({ ttlSeconds }, { error: orRequired("must be a JSON object") })
  .meta({ examples: [{ ttlSeconds: 900 }] })

export type ConfirmBody = NonNullable<z.input<typeof confirmBody>>
export type ReleaseBody = NonNullable<z.input<typeof releaseBody>>
export type ExtendBody = z.input<typeof extendBody>

export function parseConfirm(input: unknown): z.output<typeof confirmBody> {
  return parseInput(confirmBody, input)
}
export function parseRelease(input: unknown): z.output<typeof releaseBody> {
  return parseInput(releaseBody, input)
}
export function parseExtend(input: unknown): z.output<typeof extendBody> {
  return parseInput(extendBody, input)
}

const filter = {
  state: z.enum(STATES, { error: `must be one of ${STATES.join(", ")}` }).optional(),
  customerId: nameText.optional(),
  sku: code.optional(),
}

export const reservationsQuery = z.strictObject({ ...pageQuery, ...filter })

const reservationFilter = z.strictObject({ ...pageInput, ...filter })
export type ReservationFilterInput = z.output<typeof reservationFilter>

export function parseReservationFilter(input: unknown): ReservationFilterInput {
  return parseInput(reservationFilter, input)
}

export const reservation = z
  .object({
    id: z.string().meta({ description: "Begins with `rsv_`." }),
    state: z.enum(STATES),
    customerId: z.string().nullable(),
    lines: z.array(z.object({ sku: z.string(), location: z.string(), quantity: z.int() })),
    ttlSeconds: z.int(),
    expiresAt: moment.meta({ description: "The hold ends at this very moment of the database's clock." }),
    createdAt: moment,
    updatedAt: moment,
    reference: z.string().nullable(),
    metadata,
    durability: z.enum(["durable", "provisional"]),
  })
  .meta({
    id: "Reservation",
    examples: [
      {
        id: "rsv_0197c0de5f0a7000a1b2c3d4e5f60718",
        state: "held",
        customerId: "c-1",
        lines: [{ sku: "MUG", location: "BERLIN", quantity: 2 }],
        ttlSeconds: 600,
        expiresAt: "2026-07-01T12:10:00.000Z",
        createdAt: "2026-07-01T12:00:00.000Z",
        updatedAt: "2026-07-01T12:00:00.000Z",
        reference: null,
        metadata: {},
        durability: "durable",
      },
    ],
  })
export type WireReservation = z.output<typeof reservation>

export const reservationPage = pageOf(reservation).meta({ id: "ReservationPage" })
