/**
 * batched: row locks, held once for many requests. Callers are spread over a few lanes by what they want; a lane takes
 * all that arrived while its last transaction was committing and decides and commits it as one.
 *
 * Correct as row-lock is: the levels of the whole batch are locked, in one order, from reading to commit. Inside the
 * batch the pure decision takes the requests one by one in the order of their arrival.
 * Wins wherever requests meet, most on a hot level. Loses nothing measurable when a request is alone.
 */
import { setImmediate as turn } from "node:timers/promises"
import type { Command, Outcome, OutcomeOf } from "../../core/commands.ts"
import { EarmarkError } from "../../core/errors.ts"
import { laneHintFor, laneHintOf } from "../../core/ids.ts"
import { type LaneItem, Lanes } from "../../engine/lanes.ts"
import type { Strategy } from "../../engine/ports.ts"
import { attempt, type Guard } from "../attempt.ts"
import { runWithin } from "../caller-transaction.ts"
import { updateLockedLevels } from "../changes.ts"
import type { Database } from "../database.ts"
import { faultKind, faultReason } from "../faults.ts"
import { runToEnd } from "../retry.ts"
import { QUEUE_TIMEOUT_MS, RETRY_BUDGET_MS } from "../timeouts.ts"

const guard: Guard = { lockLevels: true, levelWrites: updateLockedLevels }

/** One connection each while it commits. More lanes than cores of the database only share the same fsyncs out. */
const LANES = 4
/** Lines in one transaction: about 20 ms of work, so nobody behind it waits long for its turn. */
const BATCH_WEIGHT_MAX = 512
/** Requests waiting in one lane: what it answers in well under the queue's time-out at its usual rate. */
const QUEUE_MAX = 10_000

interface Item extends LaneItem {
  readonly command: Command
}

export function batched(database: Database): Strategy {
  const lanes = new Lanes<Item, Outcome>({
    lanes: LANES,
    batchWeightMax: BATCH_WEIGHT_MAX,
    queueMax: QUEUE_MAX,
    queueTimeoutMs: QUEUE_TIMEOUT_MS,
    observer: database.observer,
    run: (batch) => runBatch(database, batch),
  })
  return {
    name: "batched",
    submit: async <C extends Command>(command: C) =>
      (await lanes.submit({ command, hint: hintOf(command), weight: weightOf(command) })) as OutcomeOf<C>,
    submitWithin: async <C extends Command>(tx: Parameters<Strategy["submitWithin"]>[0], command: C) =>
      (await runWithin(database, tx, { command, guard })) as OutcomeOf<C>,
    close: () => lanes.close(),
  }
}

async function runBatch(database: Database, batch: readonly Item[]): Promise<readonly (Outcome | Error)[]> {
  const startedMs = performance.now()
  try {
    return await runTogether(database, batch)
  } catch (error) {
    const parts = partsOf(batch, error)
    if (parts.length < 2) return batch.map(() => error as Error)
    // One of them spoils the batch: its neighbours must not pay for it.
    const results = new Map<Item, Outcome | Error>()
    const stuckSkus = new Set<string>()
    for (const part of parts) {
      // Whoever wants what has just been waited for in vain would only keep the rest of the lane waiting once more.
      const hopeless =
        performance.now() - startedMs > RETRY_BUDGET_MS || skusOf(part).some((sku) => stuckSkus.has(sku))
      const outcomes = hopeless
        ? part.map(() => error as Error)
        : await runTogether(database, part).catch((partError: Error) => {
            if (waitedForLock(partError)) for (const sku of skusOf(part)) stuckSkus.add(sku)
            return part.map(() => partError)
          })
      part.forEach((item, index) => {
        results.set(item, outcomes[index] as Outcome | Error)
      })
      await turn()
    }
    return batch.map((item) => results.get(item) as Outcome | Error)
  }
}

function runTogether(database: Database, batch: readonly Item[]): Promise<readonly Outcome[]> {
  return runToEnd(
    database,
    batch.map(({ command }) => command),
    (commands, resuming) => attempt(database, commands, { guard, resuming }),
  )
}

/**
 * How to take a failed batch apart. Stuck behind a foreign lock: by what the requests want, so that a level that is
 * stuck is waited for once more and no oftener. Refused by the database: one by one. Not reached: not at all.
 */
function partsOf(batch: readonly Item[], error: unknown): readonly (readonly Item[])[] {
  if (!(error instanceof EarmarkError) || !error.notApplied) return [batch]
  if (faultKind(error.cause) === "broken") return batch.map((item) => [item])
  if (!waitedForLock(error)) return [batch]
  return [...Map.groupBy(batch, (item) => item.hint).values()]
}

/** lock_timeout and statement_timeout. */
const LOCK_WAITS = new Set(["55P03", "57014"])

function waitedForLock(error: unknown): boolean {
  if (!(error instanceof EarmarkError) || faultKind(error.cause) !== "busy") return false
  return LOCK_WAITS.has(faultReason(error.cause))
}

/** What is asked for by name; what a hold named by its id consists of is not known here. */
function skusOf(part: readonly Item[]): string[] {
  return part.flatMap(({ command }) => {
    if (command.kind === "reserve") return command.lines.map(({ sku }) => sku)
    return "sku" in command ? [command.sku] : []
  })
}

function hintOf(command: Command): number {
  switch (command.kind) {
    case "reserve":
    case "confirm":
    case "release":
    case "extend":
    case "expire":
      return laneHintOf(command.id)
    case "adjust":
    case "set_safety_stock":
      return laneHintFor([command.sku])
  }
}

function weightOf(command: Command): number {
  return command.kind === "reserve" ? command.lines.length : 1
}
