/**
 * row-lock: lock the stock levels, decide, write, commit; one request a transaction.
 *
 * Correct because the rows are locked from reading to commit: nothing that was decided on can move.
 * Wins when there is little contention and every request should stand alone, for instance behind a pooler.
 * Loses on a hot level: requests queue for the row, and each holds it for a whole round trip and a commit.
 */
import type { Command, OutcomeOf } from "../../core/commands.ts"
import type { Strategy } from "../../engine/ports.ts"
import { attempt, type Guard } from "../attempt.ts"
import { runWithin } from "../caller-transaction.ts"
import { updateLockedLevels } from "../changes.ts"
import type { Database } from "../database.ts"
import { InFlight } from "../in-flight.ts"
import { runToEnd } from "../retry.ts"

const guard: Guard = { lockLevels: true, levelWrites: updateLockedLevels }

export function rowLock(database: Database): Strategy {
  const inFlight = new InFlight(database.observer)
  const attemptLocked = (commands: readonly Command[], resuming: boolean) =>
    attempt(database, commands, { guard, resuming })
  return {
    name: "row-lock",
    submit: <C extends Command>(command: C) =>
      inFlight.run(async () => (await runToEnd(database, [command], attemptLocked))[0] as OutcomeOf<C>),
    submitWithin: async <C extends Command>(tx: Parameters<Strategy["submitWithin"]>[0], command: C) =>
      (await runWithin(database, tx, { command, guard })) as OutcomeOf<C>,
    close: () => inFlight.close(),
  }
}
