/** An item that somebody watches: read once for all of them. */
import type { Availability } from "../engine/views.ts"

export type OnAvailability = (availability: Availability) => void

export class WatchedItem {
  readonly sku: string
  readonly watchers = new Set<OnAvailability>()
  /** Those that watch it or are about to. */
  users = 0
  /** It may be another than it was when it was read. */
  hasChanged = false
  readAtMs = 0
  readonly #read: (sku: string) => Promise<Availability | null>
  #latest: Availability | null = null
  #first: Promise<void> | null = null

  constructor(sku: string, read: (sku: string) => Promise<Availability | null>) {
    this.sku = sku
    this.#read = read
  }

  get latest(): Availability | null {
    return this.#latest
  }

  /** Reads it, if nobody has; returns whether there is such an item. */
  async exists(): Promise<boolean> {
    if (this.#latest === null) {
      this.#first ??= this.#readFirst()
      await this.#first
    }
    return this.#latest !== null
  }

  /** Reads it again, and tells everybody if units are others than they were. */
  async refresh(): Promise<void> {
    this.hasChanged = false
    this.readAtMs = performance.now()
    let read: Availability | null
    try {
      read = await this.#read(this.sku)
    } catch (error) {
      this.hasChanged = true
      throw error
    }
    if (read === null || (this.#latest && unitsOf(read) === unitsOf(this.#latest))) return
    this.#latest = read
    for (const tell of this.watchers) tell(read)
  }

  async #readFirst(): Promise<void> {
    try {
      this.readAtMs = performance.now()
      const read = await this.#read(this.sku)
      this.#latest ??= read
    } finally {
      this.#first = null
    }
  }
}

/** Versions rise also where nothing else changes, as when a hold is extended. */
function unitsOf({ locations }: Availability): string {
  return JSON.stringify(locations.map(({ version: _, ...units }) => units))
}
