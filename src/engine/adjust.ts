import { adjustMeaning } from "../core/canonical.ts"
import type { AdjustOutcome } from "../core/commands.ts"
import { laneHintFor } from "../core/ids.ts"
import { type EngineContext, submit } from "./context.ts"
import type { AdjustRequest, CallOptions } from "./requests.ts"
import { claimKey } from "./reserve.ts"

/** Receives units or corrects what is on hand, with a reason. */
export async function adjust(
  context: EngineContext,
  request: AdjustRequest,
  options: CallOptions = {},
): Promise<AdjustOutcome> {
  const { sku, location, delta, reason, reference = null, idempotencyKey } = request
  const meaning = { sku, location, delta, reason, reference }
  return submit(
    context,
    {
      kind: "adjust",
      id: context.ids.next(laneHintFor([sku])),
      ...meaning,
      key: idempotencyKey === undefined ? null : claimKey(idempotencyKey, adjustMeaning(meaning)),
    },
    options,
  )
}
