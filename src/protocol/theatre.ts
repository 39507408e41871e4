/** The flash-sale theatre: `/v1/theatre`. */
import { z } from "zod"
import {
  SALE_BUYERS_MAX,
  SALE_STATES,
  SALE_STOP_REASONS,
  SALE_STRATEGIES,
  SALE_UNITS_MAX,
} from "../core/sales.ts"
import { orRequired } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { moment } from "./times.ts"

const SALE_ID = "sale_0c9d6a52f1a94f0b8b3d5a7e2f4c6d81"

const strategy = z.enum(SALE_STRATEGIES, {
  error: orRequired(`must be one of ${SALE_STRATEGIES.join(", ")}`),
})

export const saleBody = z
  .strictObject(
    {
      units: integer({ min: 1, max: SALE_UNITS_MAX }).meta({ description: "What there is to sell." }),
      buyers: integer({ min: 1, max: SALE_BUYERS_MAX }).meta({
        description: "Each asks for one unit, once, as soon as there is room: 200 ask at once.",
      }),
      strategy: strategy.meta({ description: "Who sells. `broken` is wrong on purpose." }),
    },
    { error: orRequired("must be a JSON object") },
  )
  .meta({ examples: [{ units: 100, buyers: 1000, strategy: "broken" }] })
export type SaleBody = z.input<typeof saleBody>

export const saleParams = z.strictObject({ id: z.string().meta({ examples: [SALE_ID] }) })

const counts = z.array(z.int())

const series = z
  .object({
    stepMs: z.number(),
    reserved: counts,
    refused: counts,
    failed: counts,
    maxMs: z
      .array(z.number())
      .meta({ description: "The slowest answer of each step; 0 where there was none." }),
  })
  .meta({
    description:
      "Answers in each step of time, from the first buyer on: at most 200 steps, which become longer when they are used up.",
  })

const latency = z.object({
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
})

const books = z
  .object({
    units: z.int().meta({ description: "What was there." }),
    promised: z.int().meta({ description: "Units of reservations that are held." }),
    available: z.int().meta({ description: "What would still be sold." }),
    brokenLaws: z
      .array(z.string())
      .nullable()
      .meta({ description: "Laws of `earmark verify` that do not hold; null for `broken`, which has none." }),
  })
  .nullable()
  .meta({
    description: "What the database has on record, whatever buyers were told; null until it was read.",
  })

const example = {
  id: SALE_ID,
  strategy: "broken" as const,
  units: 100,
  buyers: 1000,
  state: "finished" as const,
  createdAt: "2026-07-01T12:00:00.000Z",
  startedAt: "2026-07-01T12:00:00.140Z",
  endedAt: "2026-07-01T12:00:00.391Z",
  elapsedMs: 226.1,
  asked: 1000,
  reserved: 501,
  refused: 499,
  failed: 0,
  oversold: 401,
  perSecond: 4422.3,
  latency: { p50Ms: 44.08, p95Ms: 71.81, p99Ms: 83.13, maxMs: 85.16 },
  series: { stepMs: 160, reserved: [420, 81], refused: [0, 499], failed: [0, 0], maxMs: [85.16, 52.4] },
  stoppedBy: null,
  failure: null,
  books: { units: 100, promised: 501, available: 0, brokenLaws: null },
}

export const sale = z
  .object({
    id: z.string(),
    strategy,
    units: z.int(),
    buyers: z.int(),
    state: z.enum(SALE_STATES).meta({
      description:
        "`preparing` empties the sandbox, `running` sells, `counting` reads the books; `finished`, `stopped` and `failed` are final.",
    }),
    createdAt: moment,
    startedAt: moment.nullable().meta({ description: "When the first buyer asked." }),
    endedAt: moment.nullable(),
    elapsedMs: z.number().meta({ description: "Of the selling alone." }),
    asked: z.int(),
    reserved: z.int().meta({ description: "Buyers who were told that a unit is theirs." }),
    refused: z.int().meta({ description: "Buyers who were told that there is none left." }),
    failed: z.int().meta({ description: "Buyers who got no answer." }),
    oversold: z.int().meta({
      description:
        "Units promised beyond what was there: by what buyers were told while it runs, by the books once they are read.",
    }),
    perSecond: z.number().meta({ description: "Answers a second, of the whole sale so far." }),
    latency: latency.nullable().meta({ description: "Null before the first answer." }),
    series,
    stoppedBy: z.enum(SALE_STOP_REASONS).nullable(),
    failure: z.string().nullable().meta({
      description:
        "The first fault, for people: of the sale when it `failed`, else of a buyer who got no answer.",
    }),
    books,
  })
  .meta({ id: "Sale", examples: [example] })
export type WireSale = z.output<typeof sale>

export const theatre = z
  .object({
    strategies: z.array(
      z.object({ name: strategy, title: z.string(), description: z.string(), isBroken: z.boolean() }),
    ),
    limits: z.object({ unitsMax: z.int(), buyersMax: z.int() }),
    current: sale.nullable().meta({ description: "The sale under way, or the last one." }),
  })
  .meta({ id: "Theatre" })
export type WireTheatre = z.output<typeof theatre>
