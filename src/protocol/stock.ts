/** Stock levels: `POST /v1/stock/adjustments` and `PATCH /v1/stock/{sku}/{location}`. */
import { z } from "zod"
import { ADJUSTMENT_REASONS } from "../core/commands.ts"
import { DELTA_MAX, ON_HAND_MAX } from "../core/limits.ts"
import { idempotencyKey } from "./idempotency-key.ts"
import { orRequired, parseInput } from "./input-errors.ts"
import { integer } from "./integer.ts"
import { code, remarkText } from "./text.ts"

const DELTA_EXPECTED = `must be an integer from -${DELTA_MAX} to ${DELTA_MAX} and not 0`

const delta = z
  .int({ error: orRequired(DELTA_EXPECTED) })
  .min(-DELTA_MAX, { error: DELTA_EXPECTED })
  .max(DELTA_MAX, { error: DELTA_EXPECTED })
  .refine((units) => units !== 0, { error: DELTA_EXPECTED })
  .meta({ not: { const: 0 }, description: "Units that come (above 0) or go (below 0)." })

const reason = z.enum(ADJUSTMENT_REASONS, {
  error: orRequired(`must be one of ${ADJUSTMENT_REASONS.join(", ")}`),
})

export const adjustmentBody = z
  .strictObject(
    { sku: code, location: code, delta, reason, reference: remarkText.optional() },
    { error: orRequired("must be a JSON object") },
  )
  .meta({
    examples: [{ sku: "MUG", location: "BERLIN", delta: 120, reason: "received", reference: "PO-1009" }],
  })

export type AdjustmentBody = z.input<typeof adjustmentBody>

const adjustmentInput = adjustmentBody.extend({ idempotencyKey: idempotencyKey.optional() })
export type AdjustmentInput = z.output<typeof adjustmentInput>

/** For a library call: throws `invalid_request` like the HTTP service. */
export function parseAdjustment(input: unknown): AdjustmentInput {
  return parseInput(adjustmentInput, input)
}

const safetyStock = integer({ min: 0, max: ON_HAND_MAX })

export const stockLevelParams = z.strictObject({ sku: code, location: code })

export const stockLevelBody = z
  .strictObject({ safetyStock }, { error: orRequired("must be a JSON object") })
  .meta({ examples: [{ safetyStock: 5 }] })
export type StockLevelBody = z.input<typeof stockLevelBody>

const safetyStockInput = z.strictObject({ sku: code, location: code, safetyStock })
export type SafetyStockInput = z.output<typeof safetyStockInput>

export function parseSafetyStock(input: unknown): SafetyStockInput {
  return parseInput(safetyStockInput, input)
}

/** The members of a stock level that do not say whose it is. */
export const levelUnits = {
  onHand: z.int(),
  held: z.int(),
  safetyStock: z.int(),
  available: z.int().min(0).meta({ description: "`onHand - held - safetyStock`, never below 0." }),
  version: z.int().meta({ description: "Grows by 1 with every change of this level." }),
}

export const stockLevel = z.object({ sku: z.string(), location: z.string(), ...levelUnits }).meta({
  id: "StockLevel",
  examples: [
    { sku: "MUG", location: "BERLIN", onHand: 120, held: 3, safetyStock: 5, available: 112, version: 7 },
  ],
})
export type WireStockLevel = z.output<typeof stockLevel>
