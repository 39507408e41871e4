/**
 * Hands events on to one sink, from where it stopped. Any number of relays may run: one at a time has a sink, and takes it over
 * when the one before has not been heard of for a while. A sink is told again what it was told just before a relay died, so
 * at least once; and its own place means that one which is away delays no other.
 */
import { randomUUID } from "node:crypto"
import type { EventFeed } from "../engine/event-feed.ts"
import type { Sink } from "../engine/sink.ts"
import type { SinkStore } from "../engine/sink-store.ts"

export interface RelayParts {
  readonly feed: EventFeed
  readonly sinks: SinkStore
  readonly sink: Sink
  /** Changes handed on together, as events. */
  readonly changesMax?: number
  readonly onDelivered?: (events: number, refused: number) => void
}

/**
 * Some 25 ms of reading, and one commit for all of them. Each level is read once for all of its changes: of pages half as large
 * Postgres has a sixth more work.
 */
const CHANGES_MAX = 2000
/** Events that were refused, in one go. */
const AGAIN_MAX = 1000
/** So often a relay says that it is still there, and looks what was asked of it; well within what a claim lasts. */
const RENEW_MS = 4000

export class Relay {
  readonly #parts: RelayParts
  readonly #owner = randomUUID()
  /** The sink's place, as long as it is ours for certain. */
  #held: { readonly cursor: string; readonly claimedAtMs: number } | null = null

  constructor(parts: RelayParts) {
    this.#parts = parts
  }

  /** @returns whether there is more */
  async pass(): Promise<boolean> {
    const { sinks, sink } = this.#parts
    try {
      const again = this.#isHeld() ? false : await this.#begin()
      const more = await this.#renewing(() => this.#deliverNext())
      return again || more
    } catch (error) {
      this.#held = null
      await sinks.failed(sink.name, this.#owner, reasonOf(error)).catch(() => {})
      throw error
    }
  }

  /** Another relay may go on at once. */
  async stop(): Promise<void> {
    const { sinks, sink } = this.#parts
    this.#held = null
    await sinks.release(sink.name, this.#owner).catch(() => {})
    await sink.close()
  }

  #isHeld(): boolean {
    return this.#held !== null && performance.now() - this.#held.claimedAtMs < RENEW_MS
  }

  /** Makes sure that the sink is ours, and looks what somebody has done to it meanwhile. @returns whether there is more */
  async #begin(): Promise<boolean> {
    const { sinks, sink } = this.#parts
    const claimedAtMs = performance.now()
    const cursor = await sinks.claim(sink.name, this.#owner)
    this.#held = cursor === null ? null : { cursor, claimedAtMs }
    return this.#held !== null && (await this.#renewing(() => this.#deliverAgain()))
  }

  async #deliverNext(): Promise<boolean> {
    const { feed, sinks, sink, changesMax = CHANGES_MAX, onDelivered } = this.#parts
    const held = this.#held
    if (held === null) return false
    const { cursor } = held
    const { events, nextCursor, isAll } = await feed.next(cursor, changesMax)
    if (events.length === 0 && nextCursor === cursor) return false
    const refused = events.length === 0 ? [] : await sink.deliver(events.map(({ event }) => event))
    const isOurs = await sinks.move(sink.name, this.#owner, { from: cursor, cursor: nextCursor, refused })
    onDelivered?.(events.length - refused.length, refused.length)
    this.#held = isOurs ? { ...held, cursor: nextCursor } : null
    return isOurs && !isAll
  }

  /** What was refused and asked for again by an operator. */
  async #deliverAgain(): Promise<boolean> {
    const { sinks, sink } = this.#parts
    const asked = await sinks.askedAgain(sink.name, AGAIN_MAX)
    if (asked.length === 0) return false
    const refused = await sink.deliver(asked.map(({ event }) => event))
    await sinks.settle(asked, refused)
    return true
  }

  async #renewing<T>(work: () => Promise<T>): Promise<T> {
    const { sinks, sink } = this.#parts
    const renewal = setInterval(() => void sinks.claim(sink.name, this.#owner).catch(() => {}), RENEW_MS)
    try {
      return await work()
    } finally {
      clearInterval(renewal)
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
