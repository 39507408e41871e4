/** Webhooks: `/v1/webhooks`. */
import { z } from "zod"
import { EVENT_TYPES } from "../core/events/event.ts"
import { TEXT_LENGTH_MAX, URL_LENGTH_MAX } from "../core/limits.ts"
import { orRequired } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { pageOf, pageQuery } from "./pages.ts"
import { code, text } from "./text.ts"
import { moment } from "./times.ts"

/** Items that one webhook asks for; whoever wants more wants all, and sorts them out. */
const WEBHOOK_SKUS_MAX = 100
/** A week: whoever takes longer to replace a secret has forgotten it. */
const OVERLAP_SECONDS_MAX = 604_800
export const OVERLAP_SECONDS_DEFAULT = 86_400

const url = text({ min: 1, max: URL_LENGTH_MAX }).meta({
  format: "uri",
  description: "https, and leading to a public address, unless the service is configured to allow others.",
})

const TYPES_EXPECTED = `must be an array of 1 to ${EVENT_TYPES.length} different types of events`
const types = z
  .array(z.enum(EVENT_TYPES, { error: `must be one of ${EVENT_TYPES.join(", ")}` }), {
    error: orRequired(TYPES_EXPECTED),
  })
  .min(1, { error: TYPES_EXPECTED })
  .refine((all) => new Set(all).size === all.length, { error: TYPES_EXPECTED })

const SKUS_EXPECTED = `must be an array of 1 to ${WEBHOOK_SKUS_MAX} skus`
const skus = z
  .array(code, { error: orRequired(SKUS_EXPECTED) })
  .min(1, { error: SKUS_EXPECTED })
  .max(WEBHOOK_SKUS_MAX, { error: SKUS_EXPECTED })

const description = text({ min: 0, max: TEXT_LENGTH_MAX })

export const webhookBody = z
  .strictObject(
    {
      url,
      types: types.optional().meta({ description: "Only events of these types; all without it." }),
      skus: skus.optional().meta({ description: "Only events about these items; all without it." }),
      description: description.optional(),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({ examples: [{ url: "https://shop.example/hooks/stock", types: ["stock.availability_changed"] }] })

export const webhookChanges = z
  .strictObject(
    {
      url: url.optional(),
      types: types.nullable().optional(),
      skus: skus.nullable().optional(),
      description: description.nullable().optional(),
      disabled: z.boolean({ error: "must be true or false" }).optional(),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({ examples: [{ disabled: false }] })

export type WebhookBody = z.input<typeof webhookBody>
export type WebhookChangesBody = z.input<typeof webhookChanges>

/** A command may come without a body. */
export const rotateBody = z
  .strictObject(
    {
      overlapSeconds: integer({ min: 0, max: OVERLAP_SECONDS_MAX })
        .optional()
        .meta({
          description: `How long messages are signed with the former secret too: ${OVERLAP_SECONDS_DEFAULT} if not given.`,
        }),
    },
    { error: "must be a JSON object" },
  )
  .optional()
  .meta({ examples: [{ overlapSeconds: 3600 }] })

export type RotateBody = NonNullable<z.input<typeof rotateBody>>

export const emptyBody = z
  .strictObject({}, { error: "must be a JSON object" })
  .optional()
  .meta({ examples: [{}] })

const WEBHOOK_ID = "whk_0197c0de5f0a7000a1b2c3d4e5f60718"
const DELIVERY_ID = "dlv_4711"

export const webhookParams = z.strictObject({ id: z.string().meta({ examples: [WEBHOOK_ID] }) })
export const deliveryParams = webhookParams.extend({
  deliveryId: z.string().meta({ examples: [DELIVERY_ID] }),
})

export const webhooksQuery = z.strictObject(pageQuery)

const DELIVERY_STATES = ["waiting", "delivered", "failed"] as const
export const deliveriesQuery = z.strictObject({
  ...pageQuery,
  state: z.enum(DELIVERY_STATES, { error: `must be one of ${DELIVERY_STATES.join(", ")}` }).optional(),
})

export type WebhookFilter = z.output<typeof webhooksQuery>
export type DeliveryFilter = z.output<typeof deliveriesQuery>

const webhookMembers = {
  id: z.string(),
  url: z.string(),
  types: z.array(z.string()).nullable().meta({ description: "Null: of every type." }),
  skus: z.array(z.string()).nullable().meta({ description: "Null: of every item." }),
  description: z.string().nullable(),
  state: z.enum(["enabled", "disabled"]),
  disabledReason: z
    .enum(["gone", "operator"])
    .nullable()
    .meta({ description: "`gone`: it answered 410. `operator`: it was disabled by a request." }),
  disabledAt: moment.nullable(),
  circuit: z
    .object({ state: z.enum(["closed", "open", "half_open"]), until: moment.nullable() })
    .meta({ description: "Open after some failures in a row: until then it is left alone, then probed." }),
  waiting: z
    .int()
    .meta({ description: "Deliveries that are not settled; what follows is still in the feed." }),
  deliveredAt: moment.nullable().meta({ description: "Of the last event that was delivered." }),
  lastFailure: z.object({ at: moment, reason: z.string() }).nullable(),
  createdAt: moment,
  updatedAt: moment,
}
const webhookExample = {
  id: WEBHOOK_ID,
  url: "https://shop.example/hooks/stock",
  types: ["stock.availability_changed"],
  skus: null,
  description: null,
  state: "enabled",
  disabledReason: null,
  disabledAt: null,
  circuit: { state: "closed", until: null },
  waiting: 0,
  deliveredAt: "2026-07-01T12:00:00.000Z",
  lastFailure: null,
  createdAt: "2026-07-01T12:00:00.000Z",
  updatedAt: "2026-07-01T12:00:00.000Z",
}

export const webhook = z.object(webhookMembers).meta({ id: "Webhook", examples: [webhookExample] })
export type WireWebhook = z.output<typeof webhook>
export const webhookPage = pageOf(webhook).meta({ id: "WebhookPage" })

const secret = z.string().meta({ description: "What messages are signed with; shown here and nowhere else." })
export const webhookWithSecret = z
  .object({ ...webhookMembers, secret })
  .meta({ id: "WebhookWithSecret", examples: [{ ...webhookExample, secret: "whsec_..." }] })
export type WireWebhookWithSecret = z.output<typeof webhookWithSecret>

const deliveryMembers = {
  id: z.string(),
  state: z.enum(DELIVERY_STATES),
  event: z.object({ id: z.string(), type: z.string(), subject: z.string() }),
  attempts: z.int(),
  nextAttemptAt: moment
    .nullable()
    .meta({ description: "Earliest; what is before it and about the same item is sent first." }),
  createdAt: moment,
  settledAt: moment.nullable(),
}
const deliveryExample = {
  id: DELIVERY_ID,
  state: "delivered",
  event: { id: "12-7", type: "stock.adjusted", subject: "MUG/BERLIN" },
  attempts: 1,
  nextAttemptAt: null,
  createdAt: "2026-07-01T12:00:00.000Z",
  settledAt: "2026-07-01T12:00:00.120Z",
}

export const delivery = z.object(deliveryMembers).meta({ id: "WebhookDelivery", examples: [deliveryExample] })
export type WireDelivery = z.output<typeof delivery>
export const deliveryPage = pageOf(delivery).meta({ id: "WebhookDeliveryPage" })

const attempt = z.object({
  number: z.int(),
  at: moment,
  durationMs: z.int(),
  outcome: z.enum(["delivered", "gone", "rejected", "unreachable", "refused_address"]),
  status: z.int().nullable().meta({ description: "Null when no answer began." }),
  reason: z.string().nullable(),
  excerpt: z.string().meta({ description: "How the answer begins, at most 1 KiB." }),
})

export const deliveryDetail = z
  .object({
    ...deliveryMembers,
    body: z.record(z.string(), z.unknown()).meta({ description: "The event, as it is sent." }),
    log: z.array(attempt).meta({ description: "What came of each attempt." }),
  })
  .meta({ id: "WebhookDeliveryDetail" })
export type WireDeliveryDetail = z.output<typeof deliveryDetail>
