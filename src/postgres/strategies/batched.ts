/**
 * batched: row locks, held once for many requests. Callers are spread over a few lanes by what they want; a lane takes
 * all that arrived while its last transaction was committing and decides and commits it as one.
 *
 * Correct as row-lock is: the levels of the whole batch are locked, in one order, from reading to commit. Inside the
 * batch the pure decision takes the requests one by one in the order of their arrival.
 * Wins wherever requests meet, most on a hot level: 42,946 a second at 256 callers, 23 times `atomic-update`, on two cores
 * (`npm run bench -- hot`, docs/performance.md). Loses nothing measurable when a request is alone.
 */
import { availableParallelism } from "node:os"
import type { Command, Outcome, OutcomeOf } from "../../core/commands.ts"
import { EarmarkError } from "../../core/errors.ts"
import { laneHintFor, laneHintOf } from "../../core/ids.ts"
import { type LaneItem, Lanes } from "../../engine/lanes.ts"
import type { CallerTransaction, Strategy } from "../../engine/ports.ts"
import { attempt } from "../attempt.ts"
import { runWithin } from "../caller-transaction.ts"
import type { Database } from "../database.ts"
import { faultKind, faultReason } from "../faults.ts"
import { InFlight } from "../in-flight.ts"
import { runToEnd } from "../retry.ts"
import { QUEUE_TIMEOUT_MS } from "../timeouts.ts"
import { lockLevels } from "../writes/levels.ts"

/**
 * One connection each while it commits. Two lanes that want the same levels wait for each other, and their batches are
 * half as large; so there are only as many as can be at work at once, each with a core for Node and one for Postgres
 * (docs/decisions/0012-few-lanes.md).
 */
const LANES_MAX = 4
const LANES = Math.max(1, Math.min(LANES_MAX, Math.floor(availableParallelism() / 2)))
/** Lines in one transaction: about 30 ms of work, so nobody behind it waits long for its turn. */
const BATCH_WEIGHT_MAX = 1024
/** Requests waiting in one lane: what it answers in well under the queue's time-out at its usual rate. */
const QUEUE_MAX = 10_000

/** When a batch has waited for a lock in vain, each part of it is tried once more, hardly waiting, and not for long. */
const PART_LOCK_TIMEOUT_MS = 20
const PARTS_BUDGET_MS = 2000
/** Connections that may wait for foreign locks at once: few, since the lanes need theirs. */
const SIDE_LANES = 2

interface Item extends LaneItem {
  readonly command: Command
}

interface Context {
  readonly database: Database
  /**
   * Hints of those who have waited in vain for stock that a foreign session keeps locked. Until the lock is gone they
   * travel beside the lanes, one by one, so that a lane waits for it once and not with every batch.
   */
  readonly stuckHints: Set<number>
}

export function batched(database: Database, { lanes: laneCount = LANES } = {}): Strategy {
  const context = { database, stuckHints: new Set<number>() }
  // The queue's depth is that of the lanes: one gauge cannot be set by three.
  const besideLanes = { ...database.observer, queued() {} }
  const within = new InFlight(besideLanes)
  const queue = { queueMax: QUEUE_MAX, queueTimeoutMs: QUEUE_TIMEOUT_MS }
  const lanes = new Lanes<Item, Outcome>({
    ...queue,
    observer: database.observer,
    lanes: laneCount,
    batchWeightMax: BATCH_WEIGHT_MAX,
    run: (batch) => runBatch(context, batch),
  })
  const sideLanes = new Lanes<Item, Outcome>({
    ...queue,
    observer: besideLanes,
    lanes: SIDE_LANES,
    batchWeightMax: 1,
    run: (batch) => runStuck(context, batch),
  })
  return {
    name: "batched",
    sharedCommandsMax: QUEUE_MAX,
    submit: async <C extends Command>(command: C) => {
      const item = { command, hint: hintOf(command), weight: weightOf(command) }
      return (await (context.stuckHints.has(item.hint) ? sideLanes : lanes).submit(item)) as OutcomeOf<C>
    },
    submitWithin: <C extends Command>(tx: CallerTransaction, command: C) =>
      within.run(async () => (await runWithin(database, tx, { command, guard: lockLevels })) as OutcomeOf<C>),
    async close() {
      await Promise.all([lanes.close(), sideLanes.close(), within.close()])
    },
  }
}

async function runStuck(context: Context, batch: readonly Item[]): Promise<readonly (Outcome | Error)[]> {
  const results = new Map<Item, Outcome | Error>()
  await runFree(context, batch, results)
  for (const [{ hint }, result] of results) if (!waitedForLock(result)) context.stuckHints.delete(hint)
  return batch.map((item) => results.get(item) as Outcome | Error)
}

async function runBatch(context: Context, batch: readonly Item[]): Promise<readonly (Outcome | Error)[]> {
  const results = new Map<Item, Outcome | Error>()
  const free: Item[] = []
  for (const item of batch) {
    if (context.stuckHints.has(item.hint)) results.set(item, stuck())
    else free.push(item)
  }
  if (free.length > 0) await runFree(context, free, results)
  return batch.map((item) => results.get(item) as Outcome | Error)
}

async function runFree(
  context: Context,
  batch: readonly Item[],
  results: Map<Item, Outcome | Error>,
): Promise<void> {
  try {
    setEach(batch, await runTogether(context.database, batch), results)
  } catch (error) {
    const parts = partsOf(batch, error)
    // Only behind a foreign lock is waiting pointless; a neighbour of a poisoned request waits as anybody does.
    const lockTimeoutMs = waitedForLock(error) ? PART_LOCK_TIMEOUT_MS : undefined
    if (parts.length > 1) await runParts(context, parts, { lockTimeoutMs, results })
    else failPart(context, batch, { error: error as Error, results })
  }
}

/** One of them spoils the batch: its neighbours must not pay for it. */
async function runParts(
  context: Context,
  parts: readonly (readonly Item[])[],
  { lockTimeoutMs, results }: { lockTimeoutMs: number | undefined; results: Map<Item, Outcome | Error> },
): Promise<void> {
  const startedMs = performance.now()
  for (const part of parts) {
    if (performance.now() - startedMs > PARTS_BUDGET_MS)
      failPart(context, part, { error: tooLate(), results })
    else {
      await runTogether(context.database, part, lockTimeoutMs).then(
        (outcomes) => setEach(part, outcomes, results),
        (error: Error) => failPart(context, part, { error, results }),
      )
    }
  }
}

function failPart(
  { stuckHints }: Context,
  part: readonly Item[],
  { error, results }: { error: Error; results: Map<Item, Outcome | Error> },
): void {
  for (const item of part) {
    if (waitedForLock(error)) stuckHints.add(item.hint)
    results.set(item, error)
  }
}

function setEach(
  items: readonly Item[],
  outcomes: readonly Outcome[],
  results: Map<Item, Outcome | Error>,
): void {
  items.forEach((item, index) => {
    results.set(item, outcomes[index] as Outcome)
  })
}

function runTogether(
  database: Database,
  batch: readonly Item[],
  lockTimeoutMs?: number,
): Promise<readonly Outcome[]> {
  return runToEnd(
    database,
    batch.map(({ command }) => command),
    (commands, resuming) => attempt(database, commands, { guard: lockLevels, resuming, lockTimeoutMs }),
  )
}

/**
 * How to take a failed batch apart. Stuck behind a foreign lock: by what the requests want. Refused by the database:
 * one by one. Not reached, or not known whether committed: not at all.
 */
function partsOf(batch: readonly Item[], error: unknown): readonly (readonly Item[])[] {
  if (!(error instanceof EarmarkError) || !error.notApplied) return [batch]
  if (waitedForLock(error)) return [...Map.groupBy(batch, (item) => item.hint).values()]
  const kind = faultKind(error.cause)
  return kind === "broken" || kind === "retry" ? batch.map((item) => [item]) : [batch]
}

/** lock_timeout and statement_timeout. */
const LOCK_WAITS = new Set(["55P03", "57014"])

function waitedForLock(error: unknown): boolean {
  if (!(error instanceof EarmarkError) || faultKind(error.cause) !== "busy") return false
  return LOCK_WAITS.has(faultReason(error.cause))
}

function stuck(): EarmarkError {
  return refused("Another database session keeps this stock locked; nothing was changed.")
}

function tooLate(): EarmarkError {
  return refused("Requests that came together with this one took too long; nothing was changed.")
}

function refused(detail: string): EarmarkError {
  return new EarmarkError("unavailable", detail, { notApplied: true })
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
    case "allot":
    case "give_back":
    case "close_allotment":
      return laneHintFor([command.sku])
    case "persist":
    case "revoke_lost":
      return laneHintOf(command.grants[0]?.id ?? "0")
  }
}

function weightOf(command: Command): number {
  if (command.kind === "reserve") return command.lines.length
  if (command.kind !== "persist" && command.kind !== "revoke_lost") return 1
  return command.grants.reduce((lines, grant) => lines + grant.lines.length, 0)
}
