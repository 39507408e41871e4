/** A call: as many tries as it takes and may take, one key, and one answer or one failure in the end. */
import { type Context, within } from "./context.ts"
import { failureOf } from "./failures.ts"
import type { Operation } from "./operation.ts"
import type { AsOf, CallOptions, Replayed, WriteOptions } from "./options.ts"
import { prepare } from "./request.ts"
import { mayTryAgain, pauseMs } from "./retry.ts"
import { type Answer, send } from "./send.ts"

/** @throws EarmarkProblem, EarmarkUnanswered, or the reason of the caller's signal */
async function call(context: Context, operation: Operation, options: WriteOptions = {}): Promise<Answer> {
  const { signal } = options
  const retries = within("retries", options.retries ?? context.retries)
  const endsAtMs = performance.now() + within("timeoutMs", options.timeoutMs ?? context.timeoutMs)
  const leftMs = () => Math.max(0, endsAtMs - performance.now())
  const request = prepare(context, operation, options)
  const { idempotencyKey } = request
  /** Once one try may have been carried out, no later one can take that back. */
  let notApplied = true

  for (let attempts = 1; ; attempts += 1) {
    signal?.throwIfAborted()
    const timeoutMs = Math.min(context.tryTimeoutMs, leftMs())
    const result = await send(context, request, { timeoutMs, signal })
    if (result.kind === "answer") return result
    notApplied &&= result.notApplied
    const failure = failureOf(result, { attempts, idempotencyKey, notApplied })
    if (attempts > retries || !mayTryAgain(operation, result)) throw failure
    const inMs = pauseMs(context, attempts, result)
    // Not to be waited for: better to say so now than to sleep until it is over.
    if (inMs >= leftMs()) throw failure
    context.onRetry({ request: request.name, failure, inMs })
    await context.pause(inMs, signal)
  }
}

/** Of what makes one thing for each key, whether it was there already. */
export async function askToMake<Body extends object>(
  context: Context,
  operation: Operation,
  options?: WriteOptions,
): Promise<Body & Replayed> {
  const { body, headers } = await call(context, operation, options)
  return { ...(body as Body), replayed: headers.get("idempotent-replayed") === "true" }
}

/** Of what may come from a read replica. */
export async function askWithAsOf<Body extends object>(
  context: Context,
  operation: Operation,
  options?: CallOptions,
): Promise<Body & AsOf> {
  const { body, headers } = await call(context, operation, options)
  return { ...(body as Body), asOf: headers.get("as-of") }
}

/** The body of the answer, which the service has checked: it is typed by the schemas that describe it. */
export async function ask<Body>(
  context: Context,
  operation: Operation,
  options?: WriteOptions,
): Promise<Body> {
  return (await call(context, operation, options)).body as Body
}
