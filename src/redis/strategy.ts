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
import type { Remains, Shard } from "./shard.ts"
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
  const { postgres, hot, persister } = parts
  if (command.kind === "reserve") {
    const hotSkus = command.lines.map(({ sku }) => sku).filter((sku) => hot.isHot(sku))
    await Promise.all([...new Set(hotSkus)].map((sku) => recallOne(parts, sku)))
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
  const { hot, granting, postgres, soldOut } = parts
  const route = hot.routeOf(command)
  if (route === null) return reserveInPostgres(parts, command)
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const answer = await granting.ask(command, route)
    switch (answer.kind) {
      case "granted":
      case "twin":
        return acknowledge(parts, command, answer)
      case "unknown":
        return reserveAnew(parts, command)
      case "not-asked":
        return reserveInPostgres(parts, command)
    }
    const outcome = (await postgres.submit(command)) as ReserveOutcome
    if (outcome.outcome !== "insufficient_stock") return outcome
    const proven = await provenOf(outcome, (sku) => soldOut.isTrue(ofSku(answer.remains, hot, sku)))
    if (proven) return proven
    await recallOne(parts, outcome.shortages[0]?.sku ?? "")
  }
  throw contended()
}

/** It may have been granted under its first id: whatever is no reservation now may still be one (promise X1). */
async function reserveAnew(parts: RedisStrategyParts, command: ReserveCommand): Promise<ReserveOutcome> {
  const unknown = (cause?: unknown) =>
    new EarmarkError("outcome_unknown", "Redis went away before it said whether it was granted.", { cause })
  const outcome = await reserveInPostgres(parts, { ...command, id: parts.freshId(command.id) }).catch(
    (error: unknown) => {
      throw unknown(error)
    },
  )
  if (outcome.outcome !== "reserved" && outcome.outcome !== "replayed") throw unknown()
  return outcome
}

/** Of what the shard told of a whole batch, what concerns this item. */
function ofSku(remains: Remains, hot: HotStock, sku: string): Remains {
  const levelIds = new Set(hot.levelsOf(sku).map(({ levelId }) => levelId))
  return { ...remains, levels: remains.levels.filter(({ levelId }) => levelIds.has(levelId)) }
}

type Insufficient = Extract<ReserveOutcome, { outcome: "insufficient_stock" }>

/** One item that is truly sold out is enough to refuse all; the others may only seem so, because Redis has them. */
async function provenOf(
  outcome: Insufficient,
  isTrue: (sku: string) => Promise<boolean>,
): Promise<Insufficient | null> {
  const checked = await Promise.all(
    outcome.shortages.map(async (shortage) => ((await isTrue(shortage.sku)) ? [shortage] : [])),
  )
  const shortages = checked.flat()
  return shortages.length > 0 ? { ...outcome, shortages } : null
}

/** Postgres decides; when it falls short of something hot, what Redis has of it is taken back, and it is asked again. */
async function reserveInPostgres(
  parts: RedisStrategyParts,
  command: ReserveCommand,
): Promise<ReserveOutcome> {
  const { hot, shards, soldOut, persister } = parts
  const { key, lines } = command
  // What the key has made before may not have been persisted yet.
  const hotSku = lines.find(({ sku }) => hot.isHot(sku))?.sku
  const shard = hotSku === undefined ? undefined : shards[shardOf(hotSku)]
  if (key !== null && shard) await persister.persistTwin(shard, key.key)
  const recalled = new Map<string, Remains>()
  for (let round = 1; round <= ROUNDS_MAX + lines.length; round += 1) {
    const outcome = await submitReplacing(parts, command)
    if (outcome.outcome !== "insufficient_stock") return outcome
    // An item may have become hot since we last heard.
    if (!hot.isBelieved()) await hot.refresh()
    const proven = await provenOf(outcome, async (sku) => {
      const remains = recalled.get(sku)
      return remains ? soldOut.isTrueAfterRecall(remains) : !hot.isHot(sku)
    })
    if (proven) return proven
    // Only as many as it takes: what is recalled is no longer sold from memory.
    const skus = outcome.shortages.map(({ sku }) => sku)
    const next = skus.find((sku) => !recalled.has(sku)) ?? skus[0] ?? ""
    recalled.set(next, await recallOne(parts, next))
  }
  throw contended()
}

async function submitReplacing(
  { postgres, persister }: RedisStrategyParts,
  command: ReserveCommand,
): Promise<ReserveOutcome> {
  const outcome = (await postgres.submit(command)) as ReserveOutcome
  if (command.replaces === null || outcome.outcome !== "reservation_not_found") return outcome
  // It may not have been persisted yet.
  await persister.persistFromAnywhere(command.replaces)
  return (await postgres.submit(command)) as ReserveOutcome
}

/** Refuses while nobody can say what becomes of units that Redis has. */
async function recallOne({ recall, soldOut }: RedisStrategyParts, sku: string): Promise<Remains> {
  const remains = await recall.run(sku)
  if (remains === null) await soldOut.refuseWhileRecovering(sku)
  return remains ?? { epoch: 0, overdue: false, levels: [] }
}

/** An idempotency key that has made another reservation in Postgres makes this its twin; else the grant stands (S4). */
async function acknowledge(
  { postgres, keyOwners, granting }: RedisStrategyParts,
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
    if (owner !== undefined && owner !== id) {
      // If nobody hears of it, it is found to be nobody's when it is persisted.
      if (answer.kind === "granted") await granting.disown(command)
      return (await postgres.submit(command)) as ReserveOutcome
    }
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
  const { isSure } = await persister.persistFromAnywhere(command.id)
  // Also when no shard had it: it may have been persisted between the two questions.
  const again = await postgres.submit(command)
  if (again.outcome !== "reservation_not_found") return again
  if (await store.isRevoked(command.id)) return { outcome: "reservation_revoked", id: toWireId(command.id) }
  if (!isSure) throw recovering()
  return again
}

/** Fewer on hand than are held: then what Redis has of it comes back, and Postgres looks again. */
async function adjust(parts: RedisStrategyParts, command: AdjustCommand): Promise<AdjustOutcome> {
  const { postgres, hot } = parts
  const outcome = await postgres.submit(command)
  if (outcome.outcome !== "stock_below_held" || !hot.isHot(command.sku)) return outcome
  await recallOne(parts, command.sku)
  return postgres.submit(command)
}

/** What cannot be found may have been lost, which is not recorded yet. */
export function recovering(): EarmarkError {
  return new EarmarkError("unavailable", "Redis, which may have had the reservation, is being recovered.", {
    notApplied: true,
  })
}

function contended(): EarmarkError {
  return new EarmarkError(
    "unavailable",
    "Units kept moving between Postgres and Redis. Nothing was changed.",
    { notApplied: true },
  )
}
