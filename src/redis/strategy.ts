/**
 * redis: hot items are granted from memory, everything else is Postgres'. A shard grants only units that Postgres has
 * allotted to it, so none is promised twice whatever becomes of Redis; a grant is provisional until a worker has made it
 * an ordinary hold. Only holds begin here: confirm, release, extend and expire are Postgres', which is given the grant
 * first where it has not seen it yet.
 *
 * Correct because a unit belongs to one system at a time (`src/core/allotments.ts`). Wins on sales that one database should
 * not see whole; loses where items are many and demand is even, since each grant is still written once.
 */
import type {
  AdjustCommand,
  AdjustOutcome,
  Command,
  ConfirmCommand,
  ExtendCommand,
  OutcomeOf,
  ReleaseCommand,
  ReserveOutcome,
  SetSafetyStockCommand,
  SetSafetyStockOutcome,
} from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { toWireId } from "../core/ids.ts"
import type { CallerTransaction, Strategy } from "../engine/ports.ts"
import { askPostgres, recallUntilSure, recovering } from "./ask-postgres.ts"
import { reserve, reserveIn } from "./reserve.ts"
import type { RedisStrategyParts } from "./strategy-parts.ts"

type EndCommand = ConfirmCommand | ReleaseCommand | ExtendCommand

export function redisStrategy(parts: RedisStrategyParts): Strategy {
  const { postgres, granting, keyOwners, soldOut } = parts
  return {
    name: "redis",
    sharedCommandsMax: postgres.sharedCommandsMax,
    submit: <C extends Command>(command: C) => submit(parts, command) as Promise<OutcomeOf<C>>,
    submitWithin: <C extends Command>(tx: CallerTransaction, command: C) =>
      submitWithin(parts, tx, command) as Promise<OutcomeOf<C>>,
    async close() {
      await granting.close()
      await Promise.all([keyOwners.close(), soldOut.close()])
      await postgres.close()
    },
  }
}

function submit(parts: RedisStrategyParts, command: Command): Promise<OutcomeOf<Command>> {
  switch (command.kind) {
    case "reserve":
      return reserve(parts, command)
    case "confirm":
    case "release":
    case "extend":
      return endIn(parts, command, () => parts.postgres.submit(command))
    case "adjust":
      return adjustIn(parts, command, () => parts.postgres.submit(command))
    case "set_safety_stock":
      return setSafetyStock(parts, command)
    default:
      return parts.postgres.submit(command)
  }
}

/**
 * In the caller's transaction Postgres decides alone, since what Redis grants could not be rolled back with it. What it falls
 * short of is brought to it from Redis in transactions of our own.
 */
async function submitWithin(
  parts: RedisStrategyParts,
  tx: CallerTransaction,
  command: Command,
): Promise<OutcomeOf<Command>> {
  const { postgres, persister } = parts
  switch (command.kind) {
    case "reserve":
      // Before the transaction has the levels, which persisting needs too.
      if (command.replaces !== null) await persister.persistFromAnywhere(command.replaces)
      return reserveIn(parts, command, () => postgres.submitWithin(tx, command) as Promise<ReserveOutcome>)
    case "adjust":
      return adjustIn(parts, command, () => postgres.submitWithin(tx, command))
    case "confirm":
    case "release":
    case "extend":
      return endIn(parts, command, () => postgres.submitWithin(tx, command))
    default:
      return postgres.submitWithin(tx, command)
  }
}

/** However Postgres is asked. */
async function endIn(
  { store, persister }: RedisStrategyParts,
  command: EndCommand,
  ask: () => Promise<OutcomeOf<EndCommand>>,
): Promise<OutcomeOf<EndCommand>> {
  const outcome = await ask()
  if (outcome.outcome !== "reservation_not_found") return outcome
  const { isSure } = await persister.persistFromAnywhere(command.id)
  // Also when no shard had it: it may have been persisted between the two questions.
  const again = await ask()
  if (again.outcome !== "reservation_not_found") return again
  if (await store.isRevoked(command.id)) return { outcome: "reservation_revoked", id: toWireId(command.id) }
  if (!isSure) throw recovering()
  return again
}

/** Fewer on hand than are held: what Redis has of it is no hold of anybody's. */
async function adjustIn(
  parts: RedisStrategyParts,
  { sku }: AdjustCommand,
  ask: () => Promise<AdjustOutcome>,
): Promise<AdjustOutcome> {
  const shortOf = ({ outcome }: AdjustOutcome) => (outcome === "stock_below_held" ? [sku] : [])
  return (await askPostgres(parts, { ask, shortOf })).outcome
}

/** From the moment that it is answered on, Redis sells nothing that is safety stock now. */
async function setSafetyStock(
  parts: RedisStrategyParts,
  command: SetSafetyStockCommand,
): Promise<SetSafetyStockOutcome> {
  const { postgres, hot } = parts
  const outcome = await postgres.submit(command)
  if (outcome.outcome === "changed" && hot.isHot(command.sku)) {
    await recallUntilSure(parts, command.sku).catch(notYet)
  }
  return outcome
}

/** It is set all the same (promise X1). */
function notYet(cause: unknown): never {
  throw new EarmarkError(
    "outcome_unknown",
    "The safety stock is set, but what Redis has of it could not be taken back yet: set it again.",
    { cause },
  )
}
