/** The journal: `/v1/stock/{sku}/journal` and `/v1/reservations/{id}/journal`. */
import { z } from "zod"
import { JOURNAL_KINDS } from "../core/stock-book.ts"
import { parseInput } from "./input-errors.ts"
import { pageInput, pageOf, pageQuery } from "./pages.ts"
import { code, text } from "./text.ts"
import { moment } from "./times.ts"

/** A cursor names the stock levels of an item, of which there are at most 200. */
const CURSOR_LENGTH_MAX = 8192

const cursor = text({ min: 1, max: CURSOR_LENGTH_MAX }).meta({
  description: "`nextCursor` of the page before, with the same sku, location and order.",
  maxLength: CURSOR_LENGTH_MAX,
})

/** `JOURNAL_ORDERS` of the engine, which this folder may not import; the types compare the two. */
const ORDERS = ["newest", "oldest"] as const
const order = z
  .enum(ORDERS, { error: `must be one of ${ORDERS.join(", ")}` })
  .optional()
  .meta({ description: "Which comes first; `newest` if not given." })

const MOMENT_EXPECTED = "must be a moment such as 2026-07-01T12:00:00Z"
const FIRST_YEAR = 1970
const isWithinOurTime = (at: Date) => at.getUTCFullYear() >= FIRST_YEAR

const momentParameter = z.iso
  .datetime({ offset: true, error: MOMENT_EXPECTED })
  .transform((value) => new Date(value))
  .refine(isWithinOurTime, { error: MOMENT_EXPECTED })
  .meta({ type: "string", format: "date-time" })
const momentInput = z.date({ error: MOMENT_EXPECTED }).refine(isWithinOurTime, { error: MOMENT_EXPECTED })

const filter = {
  location: code.optional().meta({
    description: "Only this location. Required for an item with more than 200 stock levels.",
  }),
  order,
}

export const stockJournalParams = z.strictObject({ sku: code })
export const stockJournalQuery = z.strictObject({
  limit: pageQuery.limit,
  cursor: cursor.optional(),
  ...filter,
  since: momentParameter.optional().meta({ description: "Only what happened at this moment or later." }),
  until: momentParameter.optional().meta({ description: "Only what happened before this moment." }),
})

const stockJournalInput = z.strictObject({
  sku: code,
  limit: pageInput.limit,
  cursor: cursor.optional(),
  ...filter,
  since: momentInput.optional(),
  until: momentInput.optional(),
})
export type StockJournalInput = z.output<typeof stockJournalInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseStockJournalRequest(input: unknown): StockJournalInput {
  return parseInput(stockJournalInput, input)
}

const balances = z.object({
  onHand: z.int(),
  held: z.int().meta({ description: "For reservations; what Redis may grant is not counted." }),
  safetyStock: z.int(),
  allotted: z.int().meta({ description: "Units that Redis may grant." }),
  available: z.int(),
})

export const journalEntry = z
  .object({
    sku: z.string(),
    location: z.string(),
    version: z.int().meta({ description: "Of the stock level after the change: 1, 2, 3 ... without a gap." }),
    kind: z.enum(JOURNAL_KINDS),
    occurredAt: moment,
    actor: z.string().nullable().meta({ description: "Who asked, as the `Earmark-Actor` header said." }),
    traceparent: z.string().nullable().meta({ description: "The trace of the request, if it had one." }),
    reservationId: z.string().nullable(),
    customerId: z.string().nullable().meta({ description: "Of the reservation, as far as it is kept." }),
    reason: z.string().nullable(),
    reference: z.string().nullable(),
    expiresAt: moment.nullable().meta({ description: "The deadline, where this set one." }),
    before: balances,
    after: balances,
  })
  .meta({
    id: "JournalEntry",
    description: "One change of one stock level.",
    examples: [
      {
        sku: "MUG",
        location: "BERLIN",
        version: 8,
        kind: "confirmed",
        occurredAt: "2026-07-01T12:04:31.207Z",
        actor: "till-7",
        traceparent: null,
        reservationId: "rsv_0197c0de5f0a7000a1b2c3d4e5f60718",
        customerId: "c-1",
        reason: null,
        reference: "order-4711",
        expiresAt: null,
        before: { onHand: 1, held: 1, safetyStock: 0, allotted: 0, available: 0 },
        after: { onHand: 0, held: 0, safetyStock: 0, allotted: 0, available: 0 },
      },
    ],
  })
export type WireJournalEntry = z.output<typeof journalEntry>

export const stockJournalPage = pageOf(journalEntry)
  .extend({
    isComplete: z.boolean().meta({ description: "Whether the first changes are still kept." }),
    keptSince: moment
      .nullable()
      .meta({ description: "Null when they are; else what was written before was dropped by retention." }),
  })
  .meta({ id: "StockJournalPage" })
export type WireStockJournalPage = z.output<typeof stockJournalPage>

export const reservationJournal = z
  .object({
    data: z.array(journalEntry).meta({ description: "Oldest first, one of each line." }),
    isComplete: z.boolean().meta({
      description:
        "False when it may have been extended more often than is shown, because too much happened to its items " +
        "meanwhile, and while Redis has granted it and it is not persisted yet.",
    }),
  })
  .meta({ id: "ReservationJournal" })
export type WireReservationJournal = z.output<typeof reservationJournal>
