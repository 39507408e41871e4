import type { ReleaseOutcome } from "../core/commands.ts"
import { fromWireId } from "../core/ids.ts"
import { type EngineContext, submit } from "./context.ts"
import type { CallOptions } from "./requests.ts"

/** Gives back what was held. Asking again gives the same answer. */
export async function release(
  context: EngineContext,
  input: { id: string; reason?: string | undefined },
  options: CallOptions = {},
): Promise<ReleaseOutcome> {
  const id = fromWireId(input.id)
  if (id === null) return { outcome: "reservation_not_found", id: input.id }
  return submit(context, { kind: "release", id, reason: input.reason ?? null }, options)
}
