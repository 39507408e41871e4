import type { Engine } from "../../engine/engine.ts"
import { adjustmentBody, stockLevel, stockLevelBody, stockLevelParams } from "../../protocol/stock.ts"
import type { HttpServer } from "../http-server.ts"
import { idempotencyKeyOf } from "../idempotency-key.ts"
import { describe, idempotencyHeaders, REPLAYED } from "../operation.ts"
import { originOf } from "../origin.ts"
import { answer } from "../outcomes.ts"

const TAG = "Stock"

export function stockRoutes(server: HttpServer, engine: Engine): void {
  const adjust = describe({
    id: "adjustStock",
    tag: TAG,
    summary: "Receive units, or correct what is on hand",
    kind: "command",
    answers: {
      201: { description: "Adjusted: the stock level afterwards.", schema: stockLevel },
      200: {
        description: "Replayed: the stock level as it stands now.",
        schema: stockLevel,
        headers: REPLAYED,
      },
    },
    errors: ["item_not_found", "location_not_found", "stock_below_held", "idempotency_key_reused"],
  })
  server.post(
    "/v1/stock/adjustments",
    { schema: { ...adjust, headers: idempotencyHeaders, body: adjustmentBody } },
    async (request, reply) => {
      const idempotencyKey = idempotencyKeyOf(request)
      return answer(
        reply,
        await engine.adjust({ ...request.body, idempotencyKey }, { origin: originOf(request) }),
      )
    },
  )

  const change = describe({
    id: "setSafetyStock",
    tag: TAG,
    summary: "Keep units back from sale",
    description: "The stock level is made if it is new.",
    kind: "command",
    answers: { 200: { description: "The stock level afterwards.", schema: stockLevel } },
    errors: ["item_not_found", "location_not_found"],
  })
  server.patch(
    "/v1/stock/:sku/:location",
    { schema: { ...change, params: stockLevelParams, body: stockLevelBody } },
    async (request, reply) => {
      const { sku, location } = request.params
      return answer(
        reply,
        await engine.setSafetyStock(
          { sku, location, safetyStock: request.body.safetyStock },
          { origin: originOf(request) },
        ),
      )
    },
  )
}
