/**
 * Runs commands to an answer: tries again after conflicts and faults that rolled back, takes overdue holds back first
 * where something fell short, and resolves an unknown outcome by running the same commands with the same ids again.
 * Handled here once, for every strategy.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Command, ExpireCommand, Outcome } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { type Attempt, TAKE_BACK_MAX } from "./attempt.ts"
import type { Database } from "./database.ts"
import { type FaultKind, faultKind, faultReason, toEarmarkError } from "./faults.ts"
import { RETRY_BUDGET_MS } from "./timeouts.ts"

export type AttemptCommands = (commands: readonly Command[], resuming: boolean) => Promise<Attempt>

/** Tries after conflicts: two hundred callers of one row each lose to every winner before them. */
const CONFLICTS_MAX = 400
/** Tries after a rollback that the server asked for, such as a deadlock. */
const ROLLBACKS_MAX = 10
/** Tries while the database cannot be reached: enough to pass over connections that died with a restart. */
const UNAVAILABLE_MAX = 2
/** Those say so at once. A database that took longer to say nothing will not be quicker the next time. */
const UNAVAILABLE_BUDGET_MS = 2000
const PAUSE_MAX_MS = 100

export async function runToEnd(
  database: Database,
  commands: readonly Command[],
  attempt: AttemptCommands,
): Promise<readonly Outcome[]> {
  const startedMs = performance.now()
  const tries = { conflict: 0, retry: 0, unavailable: 0, unknown: 0 }
  let expiring: readonly ExpireCommand[] = []
  let resuming = false
  for (;;) {
    const result = await attempt([...expiring, ...commands], resuming).catch(asFault)
    if (result.kind === "done") return result.outcomes.slice(expiring.length)
    if (result.kind === "overdue") {
      const found = result.ids.slice(0, TAKE_BACK_MAX).map((id): ExpireCommand => ({ kind: "expire", id }))
      const tooMany = expiring.length > 0 && expiring.length + found.length > TAKE_BACK_MAX
      if (tooMany) await runToEnd(database, expiring, attempt)
      expiring = tooMany ? found : [...expiring, ...found]
      checkBudget(startedMs, resuming)
      continue
    }
    const { kind, error, reason } = result.kind === "conflict" ? CONFLICT : result
    database.observer.retry(reason)
    if (kind === "unknown") resuming = true
    // Once a commit may have gone through, only the database can say so: then even a stuck one is asked again.
    const tried = kind === "busy" && resuming ? "unknown" : kind
    if (tried === "broken" || tried === "busy") throw toEarmarkError(error, resuming ? "unknown" : tried)
    tries[tried] += 1
    const spentMs = performance.now() - startedMs
    if (tries[tried] > triesMax(tried, resuming) || spentMs > budgetMs(tried, resuming)) {
      throw toEarmarkError(error, resuming ? "unknown" : "unavailable")
    }
    await pause(Math.random() * Math.min(PAUSE_MAX_MS, pauseMs(tried, tries[tried])))
  }
}

interface Fault {
  readonly kind: FaultKind
  readonly error: unknown
  readonly reason: string
}

const CONFLICT = { kind: "conflict", error: undefined, reason: "conflict" } as const

function asFault(error: unknown): Fault {
  if (error instanceof EarmarkError) throw error
  return { kind: faultKind(error), error, reason: faultReason(error) }
}

type Tried = "conflict" | "retry" | "unavailable" | "unknown"

function triesMax(kind: Tried, resuming: boolean): number {
  if (kind === "conflict") return CONFLICTS_MAX
  if (kind === "retry") return ROLLBACKS_MAX
  // An unknown outcome is worth the whole budget: the caller would have to find out otherwise.
  return resuming ? Number.POSITIVE_INFINITY : UNAVAILABLE_MAX
}

function budgetMs(kind: Tried, resuming: boolean): number {
  return kind === "unavailable" && !resuming ? UNAVAILABLE_BUDGET_MS : RETRY_BUDGET_MS
}

/** Upper end of the jittered pause. A conflict means that somebody else got on: hardly wait. */
function pauseMs(kind: Tried, tried: number): number {
  if (kind === "conflict") return 2 * Math.min(tried, 10)
  return 5 * 2 ** Math.min(tried, 5)
}

function checkBudget(startedMs: number, resuming: boolean): void {
  if (performance.now() - startedMs <= RETRY_BUDGET_MS) return
  throw new EarmarkError(
    resuming ? "outcome_unknown" : "unavailable",
    "Taking back overdue holds took too long.",
    {
      notApplied: !resuming,
    },
  )
}
