/** Why a WebSocket did not open, which no browser tells: the service is asked for the same without one. */
import type { Context } from "../context.ts"
import { path, read } from "../operation.ts"
import { prepare } from "../request.ts"
import { isPassing } from "../retry.ts"
import { send } from "../send.ts"
import type { Trouble } from "../trouble.ts"

/** What the service says of a request that is right, but for that it is not one for a WebSocket. */
const UPGRADE_POINTER = "/headers/upgrade"

/** Null when the service would accept it; undefined when it could not say so, as it may be away for everything. */
export async function whyRefused(
  context: Context,
  skus: readonly string[],
  signal?: AbortSignal,
): Promise<Trouble | null | undefined> {
  const whole = await troubleWith(context, "/v1/live", { query: { sku: skus }, signal })
  if (whole === null || isPassing(whole)) return undefined
  if (!isForWantOfUpgrade(whole)) return whole
  for (const sku of new Set(skus)) {
    const one = await troubleWith(context, path`/v1/items/${sku}/availability`, { signal })
    if (one !== null) return isPassing(one) ? undefined : one
  }
  return null
}

interface Question {
  readonly query?: { readonly sku: readonly string[] }
  readonly signal: AbortSignal | undefined
}

/** Null when there is none. */
async function troubleWith(
  context: Context,
  of: string,
  { query, signal }: Question,
): Promise<Trouble | null> {
  const request = prepare(context, read(of, query), {})
  const result = await send(context, request, { timeoutMs: context.tryTimeoutMs, signal })
  return result.kind === "answer" ? null : result
}

function isForWantOfUpgrade(trouble: Trouble): boolean {
  const errors = trouble.kind === "problem" ? (trouble.document.errors ?? []) : []
  return errors.length > 0 && errors.every(({ pointer }) => pointer === UPGRADE_POINTER)
}
