import { reserveMeaning, reserveMeanings } from "../core/canonical.ts"
import type { KeyClaim, ReserveCommand, ReserveOutcome } from "../core/commands.ts"
import { EarmarkError, type InputError } from "../core/errors.ts"
import { fromWireId, laneHintFor } from "../core/ids.ts"
import { ttlTooLong } from "../core/limits.ts"
import { addUpLines } from "../core/requested-lines.ts"
import { type EngineContext, submit } from "./context.ts"
import { digestOf } from "./digest.ts"
import type { CallOptions, ReserveRequest } from "./requests.ts"

/** Sets units aside: the whole basket or nothing. */
export async function reserve(
  context: EngineContext,
  request: ReserveRequest,
  options: CallOptions = {},
): Promise<ReserveOutcome> {
  const { ttlSecondsDefault, ttlSecondsMax } = context.holds
  const { customerId = null, metadata = {}, ttlSeconds, replaces, idempotencyKey } = request
  const lines = addUpLines(
    request.lines.map(({ sku, quantity, location = null }) => ({ sku, quantity, location })),
  )
  const meaning = { customerId, lines, metadata, replaces: replaces ?? null, ttlSeconds: ttlSeconds ?? null }
  const command: ReserveCommand = {
    kind: "reserve",
    id: context.ids.next(laneHintFor(lines.map((line) => line.sku))),
    customerId,
    lines,
    ttlSeconds: ttlSeconds ?? ttlSecondsDefault,
    ttlSecondsMax,
    metadata,
    // An id that is not well formed was never issued, no more than this one; a replay is answered all the same.
    replaces: replaces === undefined ? null : (fromWireId(replaces) ?? NEVER_ISSUED),
    key:
      idempotencyKey === undefined
        ? null
        : claimKey(idempotencyKey, reserveMeaning(meaning), () =>
            reserveMeanings(meaning, ttlSecondsDefault),
          ),
  }
  const outcome = await submit(context, command, options)
  if (outcome.outcome === "invalid_request") throw invalidTtl(outcome.errors)
  if (outcome.outcome !== "reservation_not_found") return outcome
  return { ...outcome, id: replaces ?? outcome.id }
}

export const NEVER_ISSUED = "00000000-0000-0000-0000-000000000000"

/**
 * @param meaning the text to keep
 * @param meanings all texts that mean the same request; asked for only when the key has been used before
 */
export function claimKey(
  key: string,
  meaning: string,
  meanings: () => readonly string[] = () => [meaning],
): KeyClaim {
  return {
    key,
    fingerprint: digestOf(meaning),
    get accepts() {
      return meanings().map(digestOf)
    },
  }
}

export function checkTtl(ttlSeconds: number, ttlSecondsMax: number): void {
  if (ttlSeconds <= ttlSecondsMax) return
  throw invalidTtl([ttlTooLong(ttlSecondsMax)])
}

function invalidTtl(errors: readonly InputError[]): EarmarkError {
  return new EarmarkError("invalid_request", `ttlSeconds ${errors[0]?.message}`, { notApplied: true, errors })
}
