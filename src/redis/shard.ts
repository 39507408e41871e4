/** One shard: its scripts with types around them. What each does is said at the head of the script. */
import { keysOf, type ShardKeys } from "./keys.ts"
import { loadScript, runScript, type Script } from "./script.ts"
import type { RedisServer } from "./server.ts"

const SCRIPTS = {
  reserve: loadScript("reserve"),
  topUp: loadScript("top-up"),
  takeBack: loadScript("take-back"),
  recall: loadScript("recall"),
  peek: loadScript("peek"),
  peekKey: loadScript("peek-key"),
  overdue: loadScript("overdue"),
  settle: loadScript("settle"),
  discard: loadScript("discard"),
  refuse: loadScript("refuse"),
  bury: loadScript("bury"),
  tidy: loadScript("tidy"),
  status: loadScript("status"),
  books: loadScript("books"),
  fence: loadScript("fence"),
  open: loadScript("open"),
} as const

/** The shard is not in that epoch, or is not sure to have all that it had: nothing was granted or moved. */
export const CLOSED = "closed"

export interface GrantRequest {
  /** UUID. */
  readonly id: string
  readonly ttlSeconds: number
  readonly keyDigest: string | null
  /** See `grants.ts`. */
  readonly record: string
  readonly lines: readonly {
    readonly quantity: number
    /** Where the units may come from, in the order of preference. */
    readonly candidates: readonly { readonly levelId: number; readonly location: string }[]
  }[]
}

export type GrantAnswer =
  | { readonly kind: "granted"; readonly places: string }
  /** It had been granted before. */
  | { readonly kind: "known"; readonly stored: string }
  | { readonly kind: "twin"; readonly id: string; readonly stored: string }
  | { readonly kind: "short" | "elsewhere" | "refused" }

export interface LevelInShard {
  readonly levelId: number
  readonly free: number
  /** What the shard knows to have been allotted in all. */
  readonly allottedTotal: number
  readonly returnedTotal: number
}

export interface ToppedUp {
  readonly free: number
  /** Postgres fell short of it just now: what it took back is not to be allotted again at once. */
  readonly isRecalled: boolean
}

/** What a shard had left of some levels. */
export interface Remains {
  readonly epoch: number
  /** A deadline has passed in this shard. */
  readonly overdue: boolean
  readonly levels: readonly LevelInShard[]
}

/** Of an entry of the stream: milliseconds on the clock of Redis, and a number within them. */
export interface EntryId {
  readonly ms: number
  readonly sequence: number
}

export interface GrantAnswers {
  readonly nowMs: number
  /** Of the stream: with everything that was granted now; null when nothing was. */
  readonly entry: EntryId | null
  readonly answers: readonly GrantAnswer[]
  /** Set when one fell short: what the shard had of the levels that were asked for. */
  readonly shortOf: Remains | null
}

export interface ShardStatus {
  readonly isOpen: boolean
  /** As it says itself; empty between two epochs, and when it has lost everything. */
  readonly epoch: string
  readonly grants: number
  readonly entries: number
  readonly deadLetters: number
  readonly hasGroup: boolean
  readonly nowMs: number
  /** The oldest entry of the stream; null when there is none. */
  readonly oldest: EntryId | null
  readonly earliestDeadlineMs: number | null
}

export interface ShardBooks {
  readonly liveGrants: number
  /** Null when there are too many grants to be told at once. */
  readonly books: { readonly levels: readonly LevelInShard[]; readonly grants: readonly StoredGrant[] } | null
}

export interface Peeked {
  readonly epoch: number | null
  /** The shard is sure to have everything of this epoch that is not persisted. */
  readonly isOpen: boolean
  /** On the clock that gave these grants their deadlines. */
  readonly nowMs: number
  readonly grants: readonly StoredGrant[]
}

export interface StoredGrant {
  readonly id: string
  readonly stored: string
}

export class Shard {
  readonly number: number
  readonly keys: ShardKeys
  readonly #server: RedisServer

  constructor(server: RedisServer, space: string, number: number) {
    this.#server = server
    this.number = number
    this.keys = keysOf(space, number)
  }

  async reserve(epoch: number, requests: readonly GrantRequest[]): Promise<GrantAnswers | typeof CLOSED> {
    const args = [String(epoch), String(requests.length)]
    for (const { id } of requests) args.push(id)
    for (const { ttlSeconds, keyDigest, record, lines } of requests) {
      args.push(String(ttlSeconds * 1000), keyDigest ?? "", record, String(lines.length))
      for (const { quantity, candidates } of lines) {
        args.push(String(quantity), String(candidates.length))
        for (const { levelId, location } of candidates) args.push(String(levelId), location)
      }
    }
    const reply = await this.#run(SCRIPTS.reserve, args)
    if (reply[0] === CLOSED) return CLOSED
    const answers = reply.slice(3, 3 + requests.length).map(toAnswer)
    const rest = reply.slice(3 + requests.length)
    const shortOf =
      rest.length === 0 ? null : { epoch, overdue: rest[0] === "1", levels: toLevels(rest.slice(1)) }
    return { nowMs: Number(reply[1]), entry: reply[2] ? toEntryId(reply[2]) : null, answers, shortOf }
  }

  /** @returns how each level is then */
  async topUp(
    epoch: number,
    totals: readonly { readonly levelId: number; readonly allottedTotal: number }[],
  ): Promise<readonly ToppedUp[] | typeof CLOSED> {
    const args = totals.flatMap(({ levelId, allottedTotal }) => [String(levelId), String(allottedTotal)])
    const [state, ...levels] = await this.#run(SCRIPTS.topUp, [String(epoch), ...args])
    if (state === CLOSED) return CLOSED
    return inPairs(levels).map(([free, recalled]) => ({ free: Number(free), isRecalled: recalled === "1" }))
  }

  async takeBack(
    epoch: number,
    levels: readonly { readonly levelId: number; readonly units: number }[],
  ): Promise<Remains | typeof CLOSED> {
    const args = levels.flatMap(({ levelId, units }) => [String(levelId), String(units)])
    const reply = await this.#run(SCRIPTS.takeBack, [String(epoch), ...args])
    return toRemains(
      epoch,
      levels.map(({ levelId }) => levelId),
      reply,
    )
  }

  /** Takes everything back, for somebody who fell short of it. */
  async recall(epoch: number, levelIds: readonly number[]): Promise<Remains | typeof CLOSED> {
    const reply = await this.#run(SCRIPTS.recall, [String(epoch), ...levelIds.map(String)])
    return toRemains(epoch, levelIds, reply)
  }

  /** @returns the grants that are still there, and the epoch that they were made in; null when there never was one */
  async peek(ids: readonly string[]): Promise<Peeked> {
    const [epoch, isOpen, nowMs, ...stored] = await this.#run(SCRIPTS.peek, ids)
    const grants = ids.map((id, index) => ({ id, stored: stored[index] ?? "" }))
    return {
      epoch: toEpoch(epoch),
      isOpen: isOpen === "1",
      nowMs: Number(nowMs),
      grants: grants.filter((grant) => grant.stored !== ""),
    }
  }

  /** The grant that a key has made; null when there is none, or none any more. */
  async peekKey(
    digest: string,
  ): Promise<{ readonly epoch: number; readonly id: string; readonly stored: string } | null> {
    const [text, id = "", stored = ""] = await this.#run(SCRIPTS.peekKey, [digest])
    const epoch = toEpoch(text)
    return epoch === null || stored === "" ? null : { epoch, id, stored }
  }

  async overdue(limit: number): Promise<{ readonly epoch: number | null; readonly grants: StoredGrant[] }> {
    const [epoch, ...rest] = await this.#run(SCRIPTS.overdue, [String(limit)])
    return { epoch: toEpoch(epoch), grants: inPairs(rest).map(([id, stored]) => ({ id, stored })) }
  }

  async settle(
    entries: readonly string[],
    grants: readonly { readonly id: string; readonly keyDigest: string | null }[],
  ): Promise<void> {
    const args = grants.flatMap(({ id, keyDigest }) => [id, keyDigest ?? ""])
    await this.#run(SCRIPTS.settle, [String(entries.length), ...entries, ...args])
  }

  /** Gives the units of grants that are nobody's back to the shard. */
  async discard(
    grants: readonly { readonly id: string; readonly keyDigest: string | null }[],
  ): Promise<void> {
    await this.#run(
      SCRIPTS.discard,
      grants.flatMap(({ id, keyDigest }) => [id, keyDigest ?? ""]),
    )
  }

  /** @returns for each id what was granted, or null: then it never will be */
  async refuse(epoch: number, ids: readonly string[]): Promise<readonly (string | null)[] | typeof CLOSED> {
    const [state, ...stored] = await this.#run(SCRIPTS.refuse, [String(epoch), ...ids])
    return state === CLOSED ? CLOSED : stored.map((grant) => (grant === "" ? null : grant))
  }

  async bury(letter: {
    readonly entry: string
    readonly reason: string
    readonly epoch: number
    readonly grants: readonly StoredGrant[]
  }): Promise<void> {
    const { entry, reason, epoch, grants } = letter
    const ids = grants.map(({ id }) => id)
    await this.#run(SCRIPTS.bury, [entry, reason, String(epoch), JSON.stringify(grants), ...ids])
  }

  /** Forgets what nobody needs any more; returns how many consumers there were. */
  async tidy(idleMs: number): Promise<number> {
    const [forgotten] = await this.#run(SCRIPTS.tidy, [String(idleMs)])
    return Number(forgotten)
  }

  async status(epoch: number): Promise<ShardStatus> {
    const [isOpen, said = "", ...rest] = await this.#run(SCRIPTS.status, [String(epoch)])
    const [grants, entries, deadLetters, hasGroup, nowMs, oldest, earliest] = rest
    return {
      isOpen: isOpen === "1",
      epoch: said,
      grants: Number(grants),
      entries: Number(entries),
      deadLetters: Number(deadLetters),
      hasGroup: hasGroup === "1",
      nowMs: Number(nowMs),
      oldest: oldest === undefined || oldest === "" ? null : toEntryId(oldest),
      earliestDeadlineMs: earliest === "" ? null : Number(earliest),
    }
  }

  async books(epoch: number, grantsMax: number): Promise<ShardBooks | typeof CLOSED> {
    const [state, liveGrants, levelCount, ...rest] = await this.#run(SCRIPTS.books, [
      String(epoch),
      String(grantsMax),
    ])
    if (state === CLOSED) return CLOSED
    if (levelCount === undefined) return { liveGrants: Number(liveGrants), books: null }
    const at = 4 * Number(levelCount)
    const grants = inPairs(rest.slice(at)).map(([id, stored]) => ({ id, stored }))
    return { liveGrants: Number(liveGrants), books: { levels: toLevels(rest.slice(0, at)), grants } }
  }

  /** @returns false when a later epoch than this has begun already */
  async fence(epoch: number): Promise<boolean> {
    const [answer] = await this.#run(SCRIPTS.fence, [String(epoch)])
    return answer === "fenced"
  }

  /** @returns false when it is not fenced, or this epoch, or a later one, has begun already */
  async open(epoch: number): Promise<boolean> {
    const [answer] = await this.#run(SCRIPTS.open, [String(epoch)])
    return answer === "opened"
  }

  async forgetDeadlines(ids: readonly string[]): Promise<void> {
    await this.send(this.keys.deadlines, "ZREM", this.keys.deadlines, ...ids)
  }

  /** Any other command on a key of this shard. */
  send(key: string, ...command: readonly string[]): Promise<unknown> {
    return this.#server.send(key, command)
  }

  #run(script: Script, args: readonly string[]): Promise<string[]> {
    return runScript(this.#server, script, { keys: this.keys.all, args })
  }
}

const GRANTED = "granted|"

function toAnswer(text: string): GrantAnswer {
  if (text.startsWith(GRANTED)) return { kind: "granted", places: text.slice(GRANTED.length) }
  const [kind, ...parts] = text.split("|")
  switch (kind) {
    case "known":
      return { kind, stored: text.slice(kind.length + 1) }
    case "twin": {
      const [id = ""] = parts
      return { kind, id, stored: text.slice(kind.length + id.length + 2) }
    }
    case "short":
    case "elsewhere":
    case "refused":
      return { kind }
    default:
      throw new Error(`the script answered ${kind}`)
  }
}

function toRemains(
  epoch: number,
  levelIds: readonly number[],
  [state, overdue, ...rest]: readonly string[],
): Remains | typeof CLOSED {
  if (state === CLOSED) return CLOSED
  const numbers = rest.map(Number)
  const levels = levelIds.map((levelId, index) => toLevel([levelId, ...numbers.slice(3 * index)]))
  return { epoch, overdue: overdue === "1", levels }
}

function toLevels(texts: readonly string[]): LevelInShard[] {
  const numbers = texts.map(Number)
  return Array.from({ length: texts.length / 4 }, (_, index) => toLevel(numbers.slice(4 * index)))
}

function toLevel([
  levelId = 0,
  free = 0,
  allottedTotal = 0,
  returnedTotal = 0,
]: readonly number[]): LevelInShard {
  return { levelId, free, allottedTotal, returnedTotal }
}

export function inPairs(texts: readonly string[]): [string, string][] {
  return Array.from({ length: texts.length / 2 }, (_, index) => [
    texts[2 * index] ?? "",
    texts[2 * index + 1] ?? "",
  ])
}

function toEntryId(text: string): EntryId {
  const [ms, sequence] = text.split("-").map(Number)
  return { ms: ms ?? 0, sequence: sequence ?? 0 }
}

function toEpoch(text: string | undefined): number | null {
  return text === undefined || text === "" ? null : Number(text)
}
