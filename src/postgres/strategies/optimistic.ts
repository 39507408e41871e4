/**
 * optimistic: read without locking, decide, write only if the version is still the one that was read; else try again.
 *
 * Correct because every write of a level compares its version, which every change raises: what was decided on has not
 * moved, or nothing is written. Levels are written one statement each, by sku and location, so that two baskets wait
 * for each other one way only.
 * Wins when requests are spread over many levels: no row is locked while the decision is made.
 * Loses on a hot level: all but one of the requests that read the same version did their work for nothing.
 */
import type { Command, OutcomeOf } from "../../core/commands.ts"
import type { LevelChange } from "../../core/stock-book.ts"
import type { Strategy } from "../../engine/ports.ts"
import { attempt, type Guard } from "../attempt.ts"
import { runWithin } from "../caller-transaction.ts"
import type { Write } from "../changes.ts"
import type { Database } from "../database.ts"
import { InFlight } from "../in-flight.ts"
import { runToEnd } from "../retry.ts"
import { defineStatement } from "../statement.ts"

const compareAndUpdateLevel = defineStatement<
  [
    id: number,
    version: number,
    onHandDelta: number,
    heldDelta: number,
    safetyStock: number | null,
    versions: number,
  ]
>(
  "compare_and_update_level",
  `update earmark.stock_levels
   set on_hand = on_hand + $3::bigint, held = held + $4::bigint,
     safety_stock = coalesce($5::bigint, safety_stock), version = version + $6::bigint
   where id = $1::int
     and version = $2::bigint`,
)

const guard: Guard = {
  lockLevels: false,
  levelWrites: (schema: string, levels: readonly LevelChange[], idOf: (id: number) => number): Write[] =>
    [...levels].sort(bySkuThenLocation).map(({ before, onHandDelta, heldDelta, safetyStock, versions }) => ({
      statement: compareAndUpdateLevel(
        schema,
        idOf(before.id),
        before.version,
        onHandDelta,
        heldDelta,
        safetyStock,
        versions,
      ),
      rowCount: 1,
    })),
}

export function optimistic(database: Database): Strategy {
  const inFlight = new InFlight(database.observer)
  const attemptComparing = (commands: readonly Command[], resuming: boolean) =>
    attempt(database, commands, { guard, resuming })
  return {
    name: "optimistic",
    submit: <C extends Command>(command: C) =>
      inFlight.run(async () => (await runToEnd(database, [command], attemptComparing))[0] as OutcomeOf<C>),
    submitWithin: async <C extends Command>(tx: Parameters<Strategy["submitWithin"]>[0], command: C) =>
      (await runWithin(database, tx, { command, guard })) as OutcomeOf<C>,
    close: () => inFlight.close(),
  }
}

function bySkuThenLocation({ before: a }: LevelChange, { before: b }: LevelChange): number {
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  return a.location < b.location ? -1 : 1
}
