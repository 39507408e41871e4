/**
 * Persists the grants of one shard in the order of its stream. Any number of workers may share a shard: each entry is
 * delivered to one of them, and to another when that one has died. Doing it twice changes nothing, because Postgres knows
 * a grant by its id.
 */
import { parseGrant } from "./grants.ts"
import { GROUP } from "./keys.ts"
import type { Persister } from "./persister.ts"
import type { Shard } from "./shard.ts"

/** Entries in one read, each with the grants of one call of the script. */
const ENTRIES_MAX = 8
/**
 * An entry that nobody has finished for so long is somebody else's to do, at most as long again later: within the 30 seconds of
 * promise L3. If its worker was only slow, both persist it, and one of the two finds that it is done.
 */
const IDLE_MS_DEFAULT = 10_000
/** A consumer that has asked for nothing for so many times as long is gone: the name of a worker does not come again. */
const GONE_AFTER = 60
/** After so many deliveries, what is wrong with an entry is the entry. */
const DELIVERIES_MAX = 3

export interface StreamWorkerOptions {
  readonly consumer: string
  readonly idleMs?: number
}

export interface StreamPass {
  readonly persisted: number
  readonly buried: number
  /** Entries that somebody deleted before they were finished. Their grants are still there, and persisted at their deadline. */
  readonly vanished: number
  /** The read was full: there is likely to be more. */
  readonly more: boolean
}

interface Entry {
  readonly id: string
  readonly ids: readonly string[]
  readonly deliveries: number
}

export class StreamWorker {
  readonly #shard: Shard
  readonly #persister: Persister
  readonly #options: StreamWorkerOptions
  #claimedMs = 0

  constructor(shard: Shard, persister: Persister, options: StreamWorkerOptions) {
    this.#shard = shard
    this.#persister = persister
    this.#options = options
  }

  /** One read and what it brings; first what this consumer, or one that died, left undone. */
  async pass(): Promise<StreamPass> {
    const vanished = await this.#claimFromDead()
    const left = await this.#readFrom("0")
    const entries = left.length > 0 ? left : await this.#readFrom(">")
    const good = entries.filter(({ deliveries }) => deliveries <= DELIVERIES_MAX)
    const bad = entries.filter(({ deliveries }) => deliveries > DELIVERIES_MAX)
    let persisted = good.length === 0 ? 0 : await this.#persist(good)
    let buried = 0
    for (const entry of bad) {
      const alone = await this.#persistAlone(entry)
      persisted += alone.persisted
      buried += alone.buried
    }
    return { persisted, buried, vanished, more: entries.length === ENTRIES_MAX || left.length > 0 }
  }

  async #persist(entries: readonly Entry[]): Promise<number> {
    const { epoch, grants } = await this.#shard.peek(entries.flatMap(({ ids }) => ids))
    const parsed = grants.map(({ id, stored }) => parseGrant(id, stored))
    await this.#persister.persist(this.#shard, {
      epoch: epoch ?? 0,
      grants: parsed,
      entries: entries.map(({ id }) => id),
    })
    return parsed.length
  }

  /** What fails by itself is put aside, the rest goes on. */
  async #persistAlone(entry: Entry): Promise<{ persisted: number; buried: number }> {
    const { epoch, grants } = await this.#shard.peek(entry.ids)
    const { persisted, failures } = await this.#persister.persistEach(this.#shard, {
      epoch: epoch ?? 0,
      grants,
    })
    const [failure] = failures
    const reason = failure?.reason ?? "it names no reservation"
    if (!failure && entry.ids.length > 0) {
      await this.#shard.settle([entry.id], [])
      return { persisted, buried: 0 }
    }
    const unpersisted = failures.map(({ id, stored }) => ({ id, stored }))
    await this.#shard.bury({ entry: entry.id, reason, epoch: epoch ?? 0, grants: unpersisted })
    return { persisted, buried: 1 }
  }

  /** Takes over what was delivered to a consumer that has not finished it, and says how many entries of it are gone. */
  async #claimFromDead(): Promise<number> {
    const { consumer, idleMs = IDLE_MS_DEFAULT } = this.#options
    const nowMs = performance.now()
    if (nowMs - this.#claimedMs < idleMs) return 0
    this.#claimedMs = nowMs
    const { stream } = this.#shard.keys
    let vanished = 0
    let cursor = "0-0"
    do {
      const command = [
        "XAUTOCLAIM",
        stream,
        GROUP,
        consumer,
        String(idleMs),
        cursor,
        "COUNT",
        "100",
        "JUSTID",
      ]
      const reply = (await this.#shard.send(stream, ...command)) as [string, string[], string[]?]
      cursor = reply[0]
      vanished += reply[2]?.length ?? 0
    } while (cursor !== "0-0")
    await this.#shard.tidy(GONE_AFTER * idleMs)
    return vanished
  }

  async #readFrom(position: ">" | "0"): Promise<Entry[]> {
    const { stream } = this.#shard.keys
    const reply = (await this.#shard.send(
      stream,
      "XREADGROUP",
      "GROUP",
      GROUP,
      this.#options.consumer,
      "COUNT",
      String(ENTRIES_MAX),
      "STREAMS",
      stream,
      position,
    )) as [string, [string, string[] | null][]][] | null
    const entries = reply?.[0]?.[1] ?? []
    const deliveries = position === "0" && entries.length > 0 ? await this.#deliveries(entries) : new Map()
    return entries.map(([id, fields]) => toEntry(id, fields ?? [], deliveries.get(id) ?? 1))
  }

  async #deliveries(entries: readonly [string, unknown][]): Promise<Map<string, number>> {
    const { stream } = this.#shard.keys
    const [first, last] = [entries[0]?.[0] ?? "-", entries.at(-1)?.[0] ?? "+"]
    const command = ["XPENDING", stream, GROUP, first, last, String(ENTRIES_MAX), this.#options.consumer]
    const pending = (await this.#shard.send(stream, ...command)) as [string, string, number, number][]
    return new Map(pending.map(([id, , , count]) => [id, count]))
  }
}

function toEntry(id: string, fields: readonly string[], deliveries: number): Entry {
  const named = new Map<string, string>()
  for (let at = 0; at + 1 < fields.length; at += 2) named.set(fields[at] ?? "", fields[at + 1] ?? "")
  const ids = (named.get("ids") ?? "").split(",").filter((text) => UUID.test(text))
  // One that cannot be read does not get better by being delivered again.
  return { id, ids, deliveries: ids.length > 0 ? deliveries : Number.POSITIVE_INFINITY }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
