import type { ExtendOutcome } from "../core/commands.ts"
import { fromWireId } from "../core/ids.ts"
import { type EngineContext, submit } from "./context.ts"
import type { CallOptions } from "./requests.ts"
import { checkTtl } from "./reserve.ts"

/** Moves the deadline to `ttlSeconds` from now, never earlier than it was. */
export async function extend(
  context: EngineContext,
  input: { id: string; ttlSeconds: number },
  options: CallOptions = {},
): Promise<ExtendOutcome> {
  checkTtl(input.ttlSeconds, context.holds.ttlSecondsMax)
  const id = fromWireId(input.id)
  if (id === null) return { outcome: "reservation_not_found", id: input.id }
  const { ttlSeconds } = input
  const lifetimeMaxSeconds = context.holds.lifetimeSecondsMax
  return submit(context, { kind: "extend", id, ttlSeconds, lifetimeMaxSeconds }, options)
}
