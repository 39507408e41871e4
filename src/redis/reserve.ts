/** Reserves: from memory where that is possible, and else in Postgres. Which of the two says "sold out" must know of both. */
import type { ReserveCommand, ReserveOutcome } from "../core/commands.ts"
import { EarmarkError } from "../core/errors.ts"
import { digestOf } from "../engine/digest.ts"
import { askPostgres, contended, ROUNDS_MAX, recallAll, recovering } from "./ask-postgres.ts"
import type { Granted } from "./granting.ts"
import { viewGrant, viewGranted } from "./grants.ts"
import { shardOf } from "./keys.ts"
import type { Remains } from "./shard.ts"
import type { Shortness } from "./sold-out.ts"
import type { RedisStrategyParts } from "./strategy-parts.ts"

export async function reserve(parts: RedisStrategyParts, command: ReserveCommand): Promise<ReserveOutcome> {
  const { hot, granting, postgres, soldOut } = parts
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const route = hot.routeOf(command)
    if (route === null) return reserveInPostgres(parts, command)
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
    const shortness = shortnessesOf(parts, command, answer.remains)
    const outcome = (await postgres.submit(command)) as ReserveOutcome
    if (outcome.outcome !== "insufficient_stock") return outcome
    const proven = await Promise.all(
      outcome.shortages.map(async ({ sku }) => {
        const short = shortness.get(sku)
        return short && (await soldOut.isTrue(sku, short)) ? [sku] : []
      }),
    )
    if (proven.flat().length > 0) return only(outcome, proven.flat())
    await recallAll(parts, outcome.shortages[0]?.sku ?? "")
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

/** Of what the shard told of a whole batch, what concerns each item of this request. */
function shortnessesOf(
  { hot, soldOut }: RedisStrategyParts,
  { lines }: ReserveCommand,
  remains: Remains,
): ReadonlyMap<string, Shortness> {
  const returning = soldOut.returning(remains)
  return new Map(
    lines.map(({ sku }) => {
      const known = new Set(hot.levelsOf(sku).map(({ levelId }) => levelId))
      const levels = remains.levels.filter(({ levelId }) => known.has(levelId))
      return [sku, { remains: { ...remains, levels }, returning, known }]
    }),
  )
}

type Insufficient = Extract<ReserveOutcome, { outcome: "insufficient_stock" }>

/** One item that is truly sold out is enough to refuse all; the others may only seem so, because Redis has them. */
function only(outcome: Insufficient, skus: readonly string[]): Insufficient {
  return { ...outcome, shortages: outcome.shortages.filter(({ sku }) => skus.includes(sku)) }
}

/** Postgres decides; what Redis has is taken back when it falls short. */
async function reserveInPostgres(
  parts: RedisStrategyParts,
  command: ReserveCommand,
): Promise<ReserveOutcome> {
  return reserveIn(parts, command, async () => (await parts.postgres.submit(command)) as ReserveOutcome)
}

/** However Postgres is asked. */
export async function reserveIn(
  parts: RedisStrategyParts,
  command: ReserveCommand,
  ask: () => Promise<ReserveOutcome>,
): Promise<ReserveOutcome> {
  await persistTwin(parts, command)
  const { outcome, soldOut } = await askPostgres(parts, {
    ask: () => askReplacing(parts, command, ask),
    shortOf: (asked) => (asked.outcome === "insufficient_stock" ? asked.shortages.map(({ sku }) => sku) : []),
  })
  return outcome.outcome === "insufficient_stock" ? only(outcome, soldOut) : outcome
}

/** What the key has made before may not have been persisted yet. */
async function persistTwin(
  { hot, shards, persister }: RedisStrategyParts,
  { key, lines }: ReserveCommand,
): Promise<void> {
  const hotSku = lines.find(({ sku }) => hot.isHot(sku))?.sku
  const shard = hotSku === undefined ? undefined : shards[shardOf(hotSku)]
  if (key !== null && shard) await persister.persistTwin(shard, key.key)
}

async function askReplacing(
  { persister }: RedisStrategyParts,
  { replaces }: ReserveCommand,
  ask: () => Promise<ReserveOutcome>,
): Promise<ReserveOutcome> {
  const outcome = await ask()
  if (replaces === null || outcome.outcome !== "reservation_not_found") return outcome
  // It may not have been persisted yet.
  const { isSure } = await persister.persistFromAnywhere(replaces)
  const again = await ask()
  if (again.outcome === "reservation_not_found" && !isSure) throw recovering()
  return again
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
    // Of a twin that is persisted, Postgres alone knows what has become of it since.
    if (owner !== undefined && (answer.kind === "twin" || owner !== command.id)) {
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
