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
  ReserveCommand,
  ReserveOutcome,
} from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { toWireId } from "../core/ids.ts"
import type { AllotmentStore } from "../engine/allotment-store.ts"
import { digestOf } from "../engine/digest.ts"
import type { CallerTransaction, Strategy } from "../engine/ports.ts"
import type { Granted, Granting } from "./granting.ts"
import { viewGrant, viewGranted } from "./grants.ts"
import type { HotStock } from "./hot-stock.ts"
import { shardOf } from "./keys.ts"
import type { Persister } from "./persister.ts"
import type { Recall } from "./recall.ts"
import type { Shard } from "./shard.ts"
import type { SharedLookup } from "./shared-lookup.ts"
import type { SoldOut } from "./sold-out.ts"

export interface RedisStrategyParts {
  readonly postgres: Strategy
  readonly store: AllotmentStore
  readonly hot: HotStock
  readonly shards: readonly Shard[]
  readonly granting: Granting
  /** Whose an idempotency key is, by its digest. */
  readonly keyOwners: SharedLookup<string, string>
  readonly persister: Persister
  readonly recall: Recall
  readonly soldOut: SoldOut
  /** Another id for a request whose first one may have been granted. */
  readonly freshId: (id: string) => string
}

/** Rounds of asking both systems until they agree that something is sold out. */
const ROUNDS_MAX = 5

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
      return end(parts, command)
    case "adjust":
      return adjust(parts, command)
    default:
      return parts.postgres.submit(command)
  }
}

/**
 * In the caller's transaction Postgres decides alone, since what Redis grants could not be rolled back with it. What it may
 * need of Redis is brought to it before, in transactions of our own.
 */
async function submitWithin(
  parts: RedisStrategyParts,
  tx: CallerTransaction,
  command: Command,
): Promise<OutcomeOf<Command>> {
  const { postgres, hot, recall, persister } = parts
  if (command.kind === "reserve") {
    const hotSkus = command.lines.map(({ sku }) => sku).filter((sku) => hot.isHot(sku))
    await Promise.all([...new Set(hotSkus)].map((sku) => recall.run(sku)))
    if (command.replaces !== null) await persister.persistFromAnywhere(command.replaces)
    return postgres.submitWithin(tx, command)
  }
  const outcome = await postgres.submitWithin(tx, command)
  if (outcome.outcome !== "reservation_not_found" || !isEnd(command)) return outcome
  await persister.persistFromAnywhere(command.id)
  return postgres.submitWithin(tx, command)
}

function isEnd(command: Command): command is EndCommand {
  return command.kind === "confirm" || command.kind === "release" || command.kind === "extend"
}

async function reserve(parts: RedisStrategyParts, command: ReserveCommand): Promise<ReserveOutcome> {
  const { hot, granting, postgres, soldOut, recall } = parts
  const route = hot.routeOf(command)
  if (route === null) return reserveInPostgres(parts, command)
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const answer = await granting.ask(command, route)
    switch (answer.kind) {
      case "granted":
      case "twin":
        return acknowledge(parts, command, answer)
      case "unknown":
        return reserveInPostgres(parts, { ...command, id: parts.freshId(command.id) })
      case "not-asked":
        return reserveInPostgres(parts, command)
    }
    const outcome = await postgres.submit(command)
    if (outcome.outcome !== "insufficient_stock") return outcome as ReserveOutcome
    if (await soldOut.isTrue(answer.remains)) return outcome
    await Promise.all([...new Set(command.lines.map(({ sku }) => sku))].map((sku) => recall.run(sku)))
  }
  throw contended()
}

/** Postgres decides; when it falls short of something hot, what Redis has of it is taken back first. */
async function reserveInPostgres(
  { postgres, hot, shards, recall, soldOut, persister }: RedisStrategyParts,
  command: ReserveCommand,
): Promise<ReserveOutcome> {
  const { key, replaces, lines } = command
  // What is to be replaced, and what the key has made before, may not have been persisted yet.
  if (replaces !== null) await persister.persistFromAnywhere(replaces)
  const hotSku = lines.find(({ sku }) => hot.isHot(sku))?.sku
  const shard = hotSku === undefined ? undefined : shards[shardOf(hotSku)]
  if (key !== null && shard) await persister.persistTwin(shard, key.key)
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const outcome = (await postgres.submit(command)) as ReserveOutcome
    if (outcome.outcome !== "insufficient_stock") return outcome
    const hotSkus = [...new Set(outcome.shortages.map(({ sku }) => sku))].filter((sku) => hot.isHot(sku))
    if (hotSkus.length === 0) return outcome
    const recalled = await Promise.all(hotSkus.map((sku) => recall.run(sku)))
    const again = (await postgres.submit(command)) as ReserveOutcome
    if (again.outcome !== "insufficient_stock") return again
    if (recalled.includes(null)) await soldOut.refuseWhileRecovering(hotSkus)
    const remains = recalled.filter((ofSku) => ofSku !== null)
    const isTrue = await Promise.all(remains.map((ofSku) => soldOut.isTrueAfterRecall(ofSku)))
    if (isTrue.every(Boolean)) return again
  }
  throw contended()
}

/** An idempotency key that has made another reservation in Postgres makes this its twin; else the grant stands (S4). */
async function acknowledge(
  { postgres, keyOwners }: RedisStrategyParts,
  command: ReserveCommand,
  answer: Extract<Granted, { kind: "granted" | "twin" }>,
): Promise<ReserveOutcome> {
  const { key } = command
  if (key !== null) {
    const owner = await keyOwners.of(digestOf(key.key)).catch((error: unknown) => {
      throw new EarmarkError("outcome_unknown", "Postgres cannot say whether the key came before.", {
        cause: error,
      })
    })
    const id = answer.kind === "twin" ? answer.grant.id : command.id
    // The grant is given back when it is persisted: there it is seen that its key is taken.
    if (owner !== undefined && owner !== id) return (await postgres.submit(command)) as ReserveOutcome
  }
  if (answer.kind === "granted") return { outcome: "reserved", reservation: viewGranted(command, answer) }
  const { grant, nowMs } = answer
  if (key === null || grant.key === null || !key.accepts.includes(grant.key.fingerprint)) {
    return { outcome: "idempotency_key_reused", key: key?.key ?? "" }
  }
  return { outcome: "replayed", reservation: viewGrant(grant, nowMs) }
}

async function end(
  { postgres, store, persister }: RedisStrategyParts,
  command: EndCommand,
): Promise<OutcomeOf<EndCommand>> {
  const outcome = await postgres.submit(command)
  if (outcome.outcome !== "reservation_not_found") return outcome
  await persister.persistFromAnywhere(command.id)
  // Also when no shard had it: it may have been persisted between the two questions.
  const again = await postgres.submit(command)
  if (again.outcome !== "reservation_not_found" || !(await store.isRevoked(command.id))) return again
  return { outcome: "reservation_revoked", id: toWireId(command.id) }
}

/** Fewer on hand than are held: then what Redis has of it comes back, and Postgres looks again. */
async function adjust(
  { postgres, hot, recall }: RedisStrategyParts,
  command: AdjustCommand,
): Promise<AdjustOutcome> {
  const outcome = await postgres.submit(command)
  if (outcome.outcome !== "stock_below_held" || !hot.isHot(command.sku)) return outcome
  await recall.run(command.sku)
  return postgres.submit(command)
}

function contended(): EarmarkError {
  return new EarmarkError(
    "unavailable",
    "Units kept moving between Postgres and Redis. Nothing was changed.",
    { notApplied: true },
  )
}
