/** Makes grants ordinary holds, and then forgets them in Redis: in this order, so that a crash between repeats the first. */
import { setTimeout as pause } from "node:timers/promises"
import type { Grant, PersistOutcome, RevocationReason } from "../core/allotments.ts"
import { EarmarkError } from "../core/errors.ts"
import { laneHintOf } from "../core/ids.ts"
import { digestOf } from "../engine/digest.ts"
import type { Strategy } from "../engine/ports.ts"
import { parseGrant } from "./grants.ts"
import type { HotStock } from "./hot-stock.ts"
import { isAway } from "./server.ts"
import type { Shard, StoredGrant } from "./shard.ts"

export interface Failure extends StoredGrant {
  readonly reason: string
}

export interface Persisted {
  readonly persisted: number
  readonly failures: readonly Failure[]
}

interface Found {
  readonly shard: Shard
  readonly epoch: number
  readonly grant: Grant
  /** On the clock of its shard. */
  readonly nowMs: number
}

interface Looked {
  readonly found: Found | null
  /** Whatever was granted and is not found here has been persisted, or was recorded as lost. */
  readonly isSure: boolean
}

/** UUIDs of grants that could not be kept, and why. */
export interface Revoked {
  readonly reason: RevocationReason
  readonly ids: readonly string[]
}

export interface PersisterOptions {
  readonly postgres: Strategy
  readonly shards: readonly Shard[]
  readonly hot: HotStock
  readonly onRevoked?: ((revoked: Revoked) => void) | undefined
}

/** After a shard has begun anew, services record what was lost; about so long that takes. */
const RECORDING_MS = 5000

/**
 * How often, and for how long, a shard that is away is asked what a key has made: it may be back in a moment. One that has been
 * given up is not waited for.
 */
const ASK_AGAIN_PAUSE_MS = 50
const ASK_AGAIN_MS_MAX = 2000

export class Persister {
  readonly #postgres: Strategy
  readonly #shards: readonly Shard[]
  readonly #hot: HotStock
  readonly #onRevoked: (revoked: Revoked) => void

  constructor({ postgres, shards, hot, onRevoked = () => {} }: PersisterOptions) {
    this.#postgres = postgres
    this.#shards = shards
    this.#hot = hot
    this.#onRevoked = onRevoked
  }

  #everGranted(shard: number): boolean {
    return (this.#hot.recordOf(shard)?.epoch ?? 0) > 0
  }

  #isSettled(shard: number): boolean {
    const record = this.#hot.recordOf(shard)
    return record !== undefined && (record.epoch === 1 || record.sinceMs > RECORDING_MS)
  }

  /**
   * The grant with this id, if a shard has it; once Postgres has it, the worker may as well forget it in Redis.
   *
   * @returns whether it is certain that Redis has no such grant, and has lost none
   */
  async persistFromAnywhere(id: string): Promise<{ readonly isSure: boolean }> {
    const { found, isSure } = await this.find(id)
    if (found === null) return { isSure }
    const { shard, epoch, grant } = found
    await this.#persistNow(shard, epoch, grant)
    return { isSure }
  }

  /** What an idempotency key has made, if a shard still has it: then Postgres finds its twin by itself. */
  async persistTwin(shard: Shard, key: string): Promise<void> {
    const msMax = this.#hot.epochOf(shard.number) === null ? 0 : ASK_AGAIN_MS_MAX
    const found = await askAgain(() => shard.peekKey(digestOf(key)), msMax)
    if (!found) return
    const { epoch, id, stored } = found
    const grant = parseGrant(id, stored)
    await this.#persistNow(shard, epoch, grant)
  }

  /** The hint in the id says which shard it is likely to be; of a basket it may be any. */
  async find(id: string): Promise<Looked> {
    const first = laneHintOf(id) % this.#shards.length
    const others = this.#shards.filter(({ number }) => number !== first)
    const likely = await this.#peekOne(this.#shards[first] as Shard, id)
    if (likely.found) return likely
    const rest = await Promise.all(others.map((shard) => this.#peekOne(shard, id)))
    const { found = null } = rest.find((one) => one.found !== null) ?? {}
    return { found, isSure: [likely, ...rest].every(({ isSure }) => isSure) }
  }

  async #peekOne(shard: Shard, id: string): Promise<Looked> {
    const { epoch, isOpen, nowMs, grants } = await shard.peek([id]).catch(asUnavailable)
    const [stored] = grants
    const found =
      epoch === null || !stored ? null : { shard, epoch, nowMs, grant: parseGrant(id, stored.stored) }
    return { found, isSure: isOpen ? this.#isSettled(shard.number) : !this.#everGranted(shard.number) }
  }

  /** So that Postgres ends them; returns how many there were. */
  async persistOverdue(shard: Shard, limit: number): Promise<number> {
    const { epoch, grants } = await shard.overdue(limit)
    if (epoch === null) return 0
    const { failures } = await this.persistEach(shard, { epoch, grants })
    // What cannot be persisted would be met here again and again.
    if (failures.length > 0) await shard.forgetDeadlines(failures.map(({ id }) => id))
    return grants.length
  }

  /** All together if that works, else one by one: those that fail by themselves are told, and hold up nobody. */
  async persistEach(
    shard: Shard,
    { epoch, grants }: { readonly epoch: number; readonly grants: readonly StoredGrant[] },
  ): Promise<Persisted> {
    try {
      const parsed = grants.map(({ id, stored }) => parseGrant(id, stored))
      await this.persist(shard, { epoch, grants: parsed })
      return { persisted: grants.length, failures: [] }
    } catch (error) {
      if (isTransient(error)) throw error
    }
    const failures: Failure[] = []
    for (const { id, stored } of grants) {
      try {
        await this.persist(shard, { epoch, grants: [parseGrant(id, stored)] })
      } catch (error) {
        if (isTransient(error)) throw error
        failures.push({ id, stored, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    return { persisted: grants.length - failures.length, failures }
  }

  async persist(
    shard: Shard,
    { epoch, grants, entries = [] }: { epoch: number; grants: readonly Grant[]; entries?: readonly string[] },
  ): Promise<PersistOutcome> {
    const outcome = await this.#hold(epoch, grants)
    await forget(shard, grants, { entries, outcome })
    return outcome
  }

  /** What can never be persisted goes when its shard begins anew, and somebody has to hear of it. */
  async giveUp(epoch: number, grants: readonly Grant[]): Promise<void> {
    const { revokedIds } = await this.#postgres.submit({ kind: "revoke_lost", epoch, grants })
    this.#tell("lost", revokedIds)
  }

  /** That Redis forgets it can wait for the worker. */
  async #persistNow(shard: Shard, epoch: number, grant: Grant): Promise<void> {
    const outcome = await this.#hold(epoch, [grant])
    await forget(shard, [grant], { entries: [], outcome }).catch(ignoreAway)
  }

  async #hold(epoch: number, grants: readonly Grant[]): Promise<PersistOutcome> {
    if (grants.length === 0) return { outcome: "persisted", revokedIds: [], discardedIds: [] }
    const outcome = await this.#postgres.submit({ kind: "persist", epoch, grants })
    const claimed = new Set(outcome.discardedIds)
    this.#tell(
      "key_claimed",
      outcome.revokedIds.filter((id) => claimed.has(id)),
    )
    this.#tell(
      "late",
      outcome.revokedIds.filter((id) => !claimed.has(id)),
    )
    return outcome
  }

  #tell(reason: RevocationReason, ids: readonly string[]): void {
    if (ids.length > 0) this.#onRevoked({ reason, ids })
  }
}

/** In this order: an entry that goes takes with it what would bring its grants here again. */
async function forget(
  shard: Shard,
  grants: readonly Grant[],
  { entries, outcome }: { readonly entries: readonly string[]; readonly outcome: PersistOutcome },
): Promise<void> {
  const discarded = new Set(outcome.discardedIds)
  const named = grants.map(({ id, key }) => ({ id, keyDigest: key && digestOf(key.key) }))
  if (discarded.size > 0) await shard.discard(named.filter(({ id }) => discarded.has(id)))
  await shard.settle(
    entries,
    named.filter(({ id }) => !discarded.has(id)),
  )
}

/** Null: it was away all the time. */
async function askAgain<T>(ask: () => Promise<T>, msMax: number): Promise<T | null> {
  const untilMs = performance.now() + msMax
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isAway(error)) throw error
      if (performance.now() >= untilMs) return null
      await pause(ASK_AGAIN_PAUSE_MS)
    }
  }
}

function ignoreAway(error: unknown): null {
  if (isAway(error)) return null
  throw error
}

function asUnavailable(error: unknown): never {
  if (!isAway(error)) throw error
  throw new EarmarkError("unavailable", "Redis, which may have the reservation, does not answer.", {
    notApplied: true,
    cause: error,
  })
}

/** A system is away: nothing is wrong with what was to be persisted. */
function isTransient(error: unknown): boolean {
  if (isAway(error)) return true
  return error instanceof EarmarkError && error.code !== "internal"
}
