/** What the strategies that take each command alone have in common: everything but the try itself. */
import type { Command, Outcome, OutcomeOf } from "../core/commands.ts"
import type { CallerTransaction, Strategy, StrategyName } from "../engine/ports.ts"
import { runWithin } from "./caller-transaction.ts"
import type { Database } from "./database.ts"
import type { Guard } from "./guard.ts"
import { InFlight } from "./in-flight.ts"
import { type AttemptCommands, runToEnd } from "./retry.ts"

export interface OneByOne {
  readonly name: StrategyName
  /** How stock levels are guarded inside a caller's transaction. */
  readonly guardWithin: Guard
  readonly attempt: AttemptCommands
}

/** Each command has a connection to itself while it runs: a few use the pool well and leave some for others. */
const SHARED_COMMANDS_MAX = 4

export function oneByOne(database: Database, { name, guardWithin, attempt }: OneByOne): Strategy {
  const inFlight = new InFlight(database.observer)
  const typed = <C extends Command>(outcome: Outcome | undefined) => outcome as OutcomeOf<C>
  return {
    name,
    sharedCommandsMax: SHARED_COMMANDS_MAX,
    submit: <C extends Command>(command: C) =>
      inFlight.run(async () => typed<C>((await runToEnd(database, [command], attempt))[0])),
    submitWithin: <C extends Command>(tx: CallerTransaction, command: C) =>
      inFlight.run(async () => typed<C>(await runWithin(database, tx, { command, guard: guardWithin }))),
    close: () => inFlight.close(),
  }
}
