/**
 * Asks shards for grants: many callers' requests travel in one call of one script. When a call was sent and is not answered,
 * every one of its requests is looked up and, where it was not granted, refused for good, before anything else is done for it.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Grant } from "../core/allotments.ts"
import type { ReserveCommand } from "../core/commands.ts"
import { digestOf } from "../engine/digest.ts"
import { type LaneItem, Lanes } from "../engine/lanes.ts"
import type { EngineObserver } from "../engine/ports.ts"
import { locationsOf, parseGrant, partsOf, recordOf, storedGrant } from "./grants.ts"
import type { HotStock, Route } from "./hot-stock.ts"
import { SHARDS, shardOf } from "./keys.ts"
import type { Outstanding } from "./outstanding.ts"
import { isUndone } from "./server.ts"
import {
  CLOSED,
  type EntryId,
  type GrantAnswer,
  type GrantRequest,
  type Remains,
  type Shard,
  type StoredGrant,
} from "./shard.ts"

/** Requests in one call of the script: some ms of a server that does nothing else meanwhile. */
const BATCH_MAX = 256
/** Places where a line may come from that are as much work as a request: each is sent, read and looked at. */
const PLACES_OF_REQUEST = 4
/** While Redis works on one call for a shard, the answers to another are given, and a third is gathered. */
const LANES_OF_SHARD = 2
const QUEUE_MAX = 10_000
const QUEUE_TIMEOUT_MS = 2000
/** How often, and for how long, a lost answer is asked for. */
const RESOLVE_PAUSE_MS = 50
const RESOLVE_MS_MAX = 1000
/** A shard that could not even say what has become of a call is left alone for so long: nobody else need wait for it in vain. */
const SILENT_MS = 1000

export type Granted =
  | { readonly kind: "granted"; readonly createdAtMs: number; readonly locations: readonly string[] }
  | { readonly kind: "twin"; readonly grant: Grant; readonly nowMs: number }
  | { readonly kind: "short"; readonly remains: Remains }
  /** Postgres is to decide; nothing was granted. */
  | { readonly kind: "not-asked" }
  /** It may have been granted, and nobody can say so now. Under this id it must not be asked for again. */
  | { readonly kind: "unknown" }

interface Item extends LaneItem {
  readonly request: GrantRequest
}

export class Granting {
  readonly #lanes: Lanes<Item, Granted>
  readonly #shards: readonly Shard[]
  readonly #outstanding: Outstanding
  #turn = 0

  constructor({
    hot,
    shards,
    outstanding,
    observer,
  }: {
    readonly hot: HotStock
    readonly shards: readonly Shard[]
    readonly outstanding: Outstanding
    readonly observer: EngineObserver
  }) {
    this.#shards = shards
    this.#outstanding = outstanding
    const silentUntilMs = new Map<number, number>()
    const isSilent = ({ number }: Shard) => performance.now() < (silentUntilMs.get(number) ?? 0)
    this.#lanes = new Lanes({
      lanes: SHARDS * LANES_OF_SHARD,
      batchWeightMax: BATCH_MAX,
      queueMax: QUEUE_MAX,
      queueTimeoutMs: QUEUE_TIMEOUT_MS,
      // The queue's depth is that of Postgres' lanes: one gauge cannot be set by both.
      observer: { ...observer, queued() {} },
      async run(batch) {
        const shard = shards[(batch[0] as Item).hint % SHARDS] as Shard
        const epoch = hot.epochOf(shard.number)
        if (epoch === null || isSilent(shard)) return batch.map(() => NOT_ASKED)
        const requests = batch.map(({ request }) => request)
        const granted = await askShard(shard, epoch, requests)
        if (granted.answers.includes(UNKNOWN)) silentUntilMs.set(shard.number, performance.now() + SILENT_MS)
        // What was granted counts only if the shard is still believed to be in that epoch now that we answer.
        if (hot.epochOf(shard.number) !== epoch) return granted.answers.map(atEpochsEnd)
        if (granted.made.length > 0) outstanding.add(shard.number, { epoch, ...granted })
        return granted.answers
      },
    })
  }

  ask(command: ReserveCommand, route: Route): Promise<Granted> {
    const request: GrantRequest = {
      id: command.id,
      ttlSeconds: command.ttlSeconds,
      keyDigest: command.key && digestOf(command.key.key),
      record: recordOf(command),
      lines: route.lines,
    }
    this.#turn = (this.#turn + 1) % LANES_OF_SHARD
    return this.#lanes.submit({
      hint: route.shard + SHARDS * this.#turn,
      weight: weightOf(route),
      request,
    })
  }

  /** Gives a grant back that was not acknowledged and will not be. */
  async disown({ id, lines, key }: ReserveCommand): Promise<void> {
    const shard = this.#shards[shardOf(lines[0]?.sku ?? "")] as Shard
    this.#outstanding.forget(shard.number, id)
    await shard.discard([{ id, keyDigest: key && digestOf(key.key) }]).catch(() => {})
  }

  close(): Promise<void> {
    return this.#lanes.close()
  }
}

function weightOf({ lines }: Route): number {
  const places = lines.reduce((sum, { candidates }) => sum + candidates.length, 0)
  return Math.max(lines.length, Math.ceil(places / PLACES_OF_REQUEST))
}

const NOT_ASKED: Granted = { kind: "not-asked" }
const UNKNOWN: Granted = { kind: "unknown" }

interface Answered {
  readonly answers: readonly Granted[]
  /** What was granted, for whoever has to know of it if it is lost, and the entry that it is in. */
  readonly made: readonly StoredGrant[]
  readonly entry: EntryId
}

async function askShard(shard: Shard, epoch: number, requests: readonly GrantRequest[]): Promise<Answered> {
  try {
    const reply = await shard.reserve(epoch, requests)
    if (reply === CLOSED) return nothing(requests, NOT_ASKED)
    const { nowMs, entry } = reply
    const remains = reply.shortOf ?? { epoch, overdue: false, levels: [] }
    const answers = reply.answers.map((answer) => toGranted(answer, { nowMs, remains }))
    const made = reply.answers.flatMap((answer, index) => {
      const request = requests[index] as GrantRequest
      if (answer.kind !== "granted") return []
      return [{ id: request.id, stored: storedGrant(nowMs, answer.places, request.record) }]
    })
    return { answers, made, entry: entry ?? lastOf(nowMs) }
  } catch (error) {
    return isUndone(error) ? nothing(requests, NOT_ASKED) : resolve(shard, epoch, requests)
  }
}

async function resolve(shard: Shard, epoch: number, requests: readonly GrantRequest[]): Promise<Answered> {
  const ids = requests.map(({ id }) => id)
  const untilMs = performance.now() + RESOLVE_MS_MAX
  for (;;) {
    try {
      const stored = await shard.refuse(epoch, ids)
      if (stored === CLOSED) return nothing(requests, UNKNOWN)
      const made = stored.flatMap((grant, index) =>
        grant === null ? [] : [{ id: ids[index] ?? "", stored: grant }],
      )
      const answers = stored.map((grant) => (grant === null ? NOT_ASKED : asGranted(grant)))
      return {
        answers,
        made,
        entry: lastOf(Math.max(0, ...made.map((grant) => partsOf(grant.stored).createdAtMs))),
      }
    } catch {
      if (performance.now() > untilMs) return nothing(requests, UNKNOWN)
      await pause(RESOLVE_PAUSE_MS)
    }
  }
}

function nothing(requests: readonly GrantRequest[], answer: Granted): Answered {
  return { answers: requests.map(() => answer), made: [], entry: lastOf(0) }
}

/** No entry of that millisecond comes after it. */
function lastOf(ms: number): EntryId {
  return { ms, sequence: Number.POSITIVE_INFINITY }
}

function toGranted(
  answer: GrantAnswer,
  { nowMs, remains }: { readonly nowMs: number; readonly remains: Remains },
): Granted {
  switch (answer.kind) {
    case "granted":
      return { kind: "granted", createdAtMs: nowMs, locations: locationsOf(answer.places) }
    case "known":
      return asGranted(answer.stored)
    case "twin":
      return { kind: "twin", grant: parseGrant(answer.id, answer.stored), nowMs }
    case "short":
      return { kind: "short", remains }
    case "elsewhere":
    case "refused":
      return NOT_ASKED
  }
}

function asGranted(stored: string): Granted {
  return { kind: "granted", ...partsOf(stored) }
}

/** The lease ran out meanwhile: what was granted may be drained by somebody or not, and is not acknowledged. */
function atEpochsEnd(answer: Granted): Granted {
  return answer.kind === "granted" || answer.kind === "twin" ? UNKNOWN : NOT_ASKED
}
