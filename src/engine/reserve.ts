import { hash } from "node:crypto"
import { reserveMeanings } from "../core/canonical.ts"
import type { KeyClaim, ReserveCommand, ReserveOutcome } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { fromWireId, laneHintFor } from "../core/ids.ts"
import { addUpLines } from "../core/requested-lines.ts"
import { type EngineContext, submit } from "./context.ts"
import type { CallOptions, ReserveRequest } from "./requests.ts"

/** Sets units aside: the whole basket or nothing. */
export async function reserve(
  context: EngineContext,
  request: ReserveRequest,
  options: CallOptions = {},
): Promise<ReserveOutcome> {
  const { ttlSecondsDefault, ttlSecondsMax } = context.holds
  const { customerId = null, metadata = {}, ttlSeconds, replaces, idempotencyKey } = request
  if (ttlSeconds !== undefined) checkTtl(ttlSeconds, ttlSecondsMax)
  const lines = addUpLines(
    request.lines.map(({ sku, quantity, location = null }) => ({ sku, quantity, location })),
  )
  const replacedId = replaces === undefined ? null : fromWireId(replaces)
  if (replaces !== undefined && replacedId === null) return { outcome: "reservation_not_found", id: replaces }

  const meaning = { customerId, lines, metadata, replaces: replacedId, ttlSeconds: ttlSeconds ?? null }
  const command: ReserveCommand = {
    kind: "reserve",
    id: context.ids.next(laneHintFor(lines.map((line) => line.sku))),
    customerId,
    lines,
    ttlSeconds: ttlSeconds ?? ttlSecondsDefault,
    metadata,
    replaces: replacedId,
    key:
      idempotencyKey === undefined
        ? null
        : claimKey(idempotencyKey, reserveMeanings(meaning, ttlSecondsDefault)),
  }
  return submit(context, command, options.tx)
}

/** @param meanings the texts that mean the same request; the first is the one to keep */
export function claimKey(key: string, meanings: readonly string[]): KeyClaim {
  const accepts = meanings.map((text) => hash("sha256", text, "base64url"))
  return { key, fingerprint: accepts[0] ?? "", accepts }
}

export function checkTtl(ttlSeconds: number, ttlSecondsMax: number): void {
  if (ttlSeconds <= ttlSecondsMax) return
  const message = `must be at most ${ttlSecondsMax}, the longest hold that this service gives`
  throw new EarmarkError("invalid_request", `ttlSeconds ${message}`, {
    notApplied: true,
    errors: [{ pointer: "/ttlSeconds", message }],
  })
}
