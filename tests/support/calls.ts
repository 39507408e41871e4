/** Calls of an engine as plain data, so that they can be given to another process, and what became of them. */
import { type AdjustRequest, EarmarkError, type Engine, type ReserveRequest } from "../../src/index.ts"

export type Call =
  | { readonly kind: "reserve"; readonly request: ReserveRequest }
  | { readonly kind: "confirm" | "release"; readonly id: string }
  | { readonly kind: "adjust"; readonly request: AdjustRequest }
  | { readonly kind: "sweep" }

export interface Answer {
  /** The outcome, or the code of the error. */
  readonly outcome: string
  /** The reservation that the outcome shows. */
  readonly id?: string
  readonly state?: string
  /** Set for a fault: whether it is certain that nothing was changed. */
  readonly notApplied?: boolean
}

/** Faults are answers here: the test says which ones are right. */
export async function answer(engine: Engine, call: Call): Promise<Answer> {
  try {
    const outcome = await send(engine, call)
    if (!("reservation" in outcome)) return { outcome: outcome.outcome }
    return { outcome: outcome.outcome, id: outcome.reservation.id, state: outcome.reservation.state }
  } catch (error) {
    if (!(error instanceof EarmarkError)) throw error
    return { outcome: error.code, notApplied: error.notApplied }
  }
}

async function send(engine: Engine, call: Call) {
  switch (call.kind) {
    case "reserve":
      return engine.reserve(call.request)
    case "confirm":
      return engine.confirm(call.id)
    case "release":
      return engine.release(call.id)
    case "adjust":
      return engine.adjust(call.request)
    case "sweep":
      return { outcome: `swept ${await engine.sweep()}` }
  }
}

export function answerAll(engine: Engine, calls: readonly Call[]): Promise<Answer[]> {
  return Promise.all(calls.map((call) => answer(engine, call)))
}

/** A request for units of one sku, as a call. */
export function reserveCall(sku: string, quantity = 1, idempotencyKey?: string): Call {
  return { kind: "reserve", request: { lines: [{ sku, quantity }], idempotencyKey } }
}

/** How often each outcome came. */
export function countOutcomes(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { outcome } of answers) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}
