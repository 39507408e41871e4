/**
 * Watches items for any number of people at the price of one: one look at the feed says which have changed, each of those is
 * read once, and all who watch it are told the same.
 */
import { EarmarkError } from "../core/errors.ts"
import type { FeedPlace, FeedStore } from "../engine/feed-store.ts"
import type { LiveStock, WatchOutcome } from "../engine/live-stock.ts"
import { pauseFor } from "../engine/pause.ts"
import type { Availability } from "../engine/views.ts"
import { type OnAvailability, WatchedItem } from "./watched-item.ts"

/** Between two looks: people do not read faster, and an item that sells all the time is read four times a second. */
const LOOK_INTERVAL_MS = 250
/** An item is read no sooner again, however fast looks follow one another: each look of the interval finds that over. */
const READ_PAUSE_MS = 200
/** After failures it doubles up to this. */
const LOOK_INTERVAL_MS_MAX = 5_000
/** Changes that one look goes over at most; more follow at once. */
const CHANGES_MAX = 20_000
/** Each item is read so often whatever the feed says: time ends holds, and where no worker runs nobody writes that down. */
const READ_AGAIN_MS = 5_000
/** Of the pool's connections, so that reserving finds some while many items change at once. */
const READS_AT_ONCE = 3

/** The place is of no use any more; what has changed since is not known. */
const LOST_PLACE_CODES: ReadonlySet<string> = new Set(["events_dropped", "events_rewound"])

export interface LiveStockParts {
  readonly store: Pick<FeedStore, "now" | "changedSkus">
  readonly availability: (sku: string) => Promise<Availability | null>
}

export function createLiveStock(parts: LiveStockParts): LiveStock {
  const watching = new Watching(parts)
  return {
    watch: (skus, onChange) => watching.watch(skus, onChange),
    close: () => watching.close(),
  }
}

class Watching {
  readonly #parts: LiveStockParts
  readonly #items = new Map<string, WatchedItem>()
  #stopping = new AbortController()
  #begun: Promise<void> | null = null
  #looking: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(parts: LiveStockParts) {
    this.#parts = parts
  }

  async watch(skus: readonly string[], onChange: OnAvailability): Promise<WatchOutcome> {
    if (this.#isClosed) throw new EarmarkError("unavailable", "The engine is closed.", { notApplied: true })
    const items = skus.map((sku) => this.#use(sku))
    const stop = () => {
      for (const item of items.splice(0)) {
        item.watchers.delete(onChange)
        this.#leave(item)
      }
    }
    try {
      // What changes after it was read is noticed only if looking has begun before.
      await this.#begin()
      for (const item of items) {
        if (await item.exists()) continue
        stop()
        return { outcome: "item_not_found", sku: item.sku }
      }
      for (const { latest, watchers } of items) {
        watchers.add(onChange)
        if (latest) onChange(latest)
      }
      return { outcome: "watching", stop }
    } catch (error) {
      stop()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const { watchers } of this.#items.values()) watchers.clear()
    this.#stop()
    await this.#looking
  }

  #use(sku: string): WatchedItem {
    const item = this.#items.get(sku) ?? new WatchedItem(sku, this.#parts.availability)
    this.#items.set(sku, item)
    item.users += 1
    return item
  }

  #leave(item: WatchedItem): void {
    item.users -= 1
    if (item.users === 0) this.#items.delete(item.sku)
    if (this.#items.size === 0) this.#stop()
  }

  #begin(): Promise<void> {
    this.#begun ??= this.#beginAt(this.#stopping)
    return this.#begun
  }

  async #beginAt(stopping: AbortController): Promise<void> {
    try {
      const place = await this.#parts.store.now()
      const before = this.#looking
      this.#looking = this.#look(place, stopping.signal).then(() => before)
    } catch (error) {
      if (this.#stopping === stopping) this.#begun = null
      throw error
    }
  }

  #stop(): void {
    this.#stopping.abort()
    this.#stopping = new AbortController()
    this.#begun = null
  }

  async #look(begin: FeedPlace, signal: AbortSignal): Promise<void> {
    let place = begin
    let pauseMs = LOOK_INTERVAL_MS
    while (!signal.aborted) {
      try {
        const { skus, next, isAll } = await this.#parts.store.changedSkus(place, CHANGES_MAX)
        place = next
        for (const sku of skus) this.#markChanged(sku)
        await this.#readChanged()
        pauseMs = isAll ? LOOK_INTERVAL_MS : 0
      } catch (error) {
        pauseMs = Math.min(2 * Math.max(pauseMs, LOOK_INTERVAL_MS), LOOK_INTERVAL_MS_MAX)
        if (error instanceof EarmarkError && LOST_PLACE_CODES.has(error.code)) {
          place = (await this.#parts.store.now().catch(() => null)) ?? place
          for (const sku of this.#items.keys()) this.#markChanged(sku)
        }
      }
      await pauseFor(pauseMs, signal)
    }
  }

  #markChanged(sku: string): void {
    const item = this.#items.get(sku)
    if (item) item.hasChanged = true
  }

  async #readChanged(): Promise<void> {
    const nowMs = performance.now()
    const isDue = ({ hasChanged, readAtMs }: WatchedItem) =>
      nowMs - readAtMs >= (hasChanged ? READ_PAUSE_MS : READ_AGAIN_MS)
    const due = [...this.#items.values()].filter(isDue)
    const readNext = async () => {
      for (let item = due.pop(); item !== undefined; item = due.pop()) await item.refresh()
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readNext))
  }
}
