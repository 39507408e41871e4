import type { ConfirmOutcome } from "../core/commands.ts"
import { fromWireId } from "../core/ids.ts"
import { type EngineContext, submit } from "./context.ts"
import type { CallOptions } from "./requests.ts"

/** Sells what was held: `onHand` and `held` both fall. Asking again gives the same answer. */
export async function confirm(
  context: EngineContext,
  input: { id: string; reference?: string | undefined },
  options: CallOptions = {},
): Promise<ConfirmOutcome> {
  const id = fromWireId(input.id)
  if (id === null) return { outcome: "reservation_not_found", id: input.id }
  return submit(context, { kind: "confirm", id, reference: input.reference ?? null }, options)
}
