/**
 * Asks shards for grants: many callers' requests travel in one call of one script. When a call is not answered, every one
 * of its requests is looked up and, where it was not granted, refused for good, before anything else is done for it.
 */
import { setTimeout as pause } from "node:timers/promises"
import type { Grant } from "../core/allotments.ts"
import type { ReserveCommand } from "../core/commands.ts"
import { digestOf } from "../engine/digest.ts"
import { type LaneItem, Lanes } from "../engine/lanes.ts"
import type { EngineObserver } from "../engine/ports.ts"
import { parseGrant, recordOf } from "./grants.ts"
import type { HotStock, Route } from "./hot-stock.ts"
import { SHARDS } from "./keys.ts"
import type { Outstanding } from "./outstanding.ts"
import { isRefusal } from "./server.ts"
import { CLOSED, type GrantAnswer, type GrantRequest, type Remains, type Shard } from "./shard.ts"

/** Requests in one call of the script: some ms of a server that does nothing else meanwhile. */
const BATCH_MAX = 256
const QUEUE_MAX = 20_000
const QUEUE_TIMEOUT_MS = 2000
/** How often, and for how long, a lost answer is asked for. */
const RESOLVE_PAUSE_MS = 50
const RESOLVE_MS_MAX = 1000

export type Granted =
  | { readonly kind: "granted" | "twin"; readonly grant: Grant; readonly nowMs: number }
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
    this.#lanes = new Lanes({
      lanes: SHARDS,
      batchWeightMax: BATCH_MAX,
      queueMax: QUEUE_MAX,
      queueTimeoutMs: QUEUE_TIMEOUT_MS,
      observer,
      async run(batch) {
        const shard = shards[(batch[0] as Item).hint] as Shard
        const epoch = hot.epochOf(shard.number)
        if (epoch === null) return batch.map(() => NOT_ASKED)
        const requests = batch.map(({ request }) => request)
        const granted = await askShard(shard, epoch, requests)
        // What was granted counts only if the shard is still believed to be in that epoch now that we answer.
        if (hot.epochOf(shard.number) !== epoch) return granted.map((answer) => atEpochsEnd(answer))
        outstanding.add(shard.number, { epoch, grants: granted.flatMap(toNewGrant) })
        return granted
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
    return this.#lanes.submit({ hint: route.shard, weight: route.lines.length, request })
  }

  close(): Promise<void> {
    return this.#lanes.close()
  }
}

const NOT_ASKED: Granted = { kind: "not-asked" }
const UNKNOWN: Granted = { kind: "unknown" }

async function askShard(
  shard: Shard,
  epoch: number,
  requests: readonly GrantRequest[],
): Promise<readonly Granted[]> {
  try {
    const reply = await shard.reserve(epoch, requests)
    if (reply === CLOSED) return requests.map(() => NOT_ASKED)
    const remains = reply.shortOf ?? { epoch, overdue: false, levels: [] }
    return reply.answers.map((answer, index) =>
      toGranted(answer, { id: requests[index]?.id ?? "", nowMs: reply.nowMs, remains }),
    )
  } catch (error) {
    return isRefusal(error) ? requests.map(() => NOT_ASKED) : resolve(shard, epoch, requests)
  }
}

async function resolve(
  shard: Shard,
  epoch: number,
  requests: readonly GrantRequest[],
): Promise<readonly Granted[]> {
  const ids = requests.map(({ id }) => id)
  const untilMs = performance.now() + RESOLVE_MS_MAX
  for (;;) {
    try {
      const stored = await shard.refuse(epoch, ids)
      if (stored === CLOSED) return requests.map(() => UNKNOWN)
      return stored.map((grant, index) =>
        grant === null
          ? NOT_ASKED
          : granted({ id: ids[index] ?? "", stored: grant, nowMs: createdMsOf(grant) }),
      )
    } catch {
      if (performance.now() > untilMs) return requests.map(() => UNKNOWN)
      await pause(RESOLVE_PAUSE_MS)
    }
  }
}

function toGranted(
  answer: GrantAnswer,
  { id, nowMs, remains }: { readonly id: string; readonly nowMs: number; readonly remains: Remains },
): Granted {
  switch (answer.kind) {
    case "granted":
    case "known":
      return granted({ id, stored: answer.stored, nowMs })
    case "twin":
      return { kind: "twin", grant: parseGrant(answer.id, answer.stored), nowMs }
    case "short":
      return { kind: "short", remains }
    case "elsewhere":
    case "refused":
      return NOT_ASKED
  }
}

function granted({ id, stored, nowMs }: { id: string; stored: string; nowMs: number }): Granted {
  return { kind: "granted", grant: parseGrant(id, stored), nowMs }
}

function createdMsOf(stored: string): number {
  return Number(stored.slice(0, stored.indexOf("|")))
}

/** The lease ran out meanwhile: what was granted may be drained by somebody or not, and is not acknowledged. */
function atEpochsEnd(answer: Granted): Granted {
  return answer.kind === "granted" || answer.kind === "twin" ? UNKNOWN : NOT_ASKED
}

function toNewGrant(answer: Granted): Grant[] {
  return answer.kind === "granted" ? [answer.grant] : []
}
