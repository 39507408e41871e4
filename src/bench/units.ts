/** Stock for the callers, and the count of its units: what was granted against what the books say. */
import type { Engine } from "../index.ts"

export const LOCATION = "LAX"
/** Never sold out by what a run can take. */
export const PLENTY = 1_000_000_000

/** Levels that are stocked up at the same time. */
const IN_FLIGHT = 64
/** Fewer than these are read one by one, more by pages. */
const ONE_BY_ONE_MAX = 4
const PAGE = 200

interface Book {
  readonly onHand: number
  readonly held: number
}

interface Off extends Book {
  readonly oversold: number
}

/** A few stock levels, one for each sku, with what there should be by what callers were told. */
export class Units {
  readonly skus: readonly string[]
  readonly #engine: Engine
  readonly #suppliedEach: number
  readonly #granted: Int32Array
  readonly #confirmed: Int32Array
  readonly #released: Int32Array
  /** How far each was off at the last count: what was told once is not told again. */
  readonly #off: Off[]

  constructor(engine: Engine, skus: readonly string[], suppliedEach: number) {
    this.skus = skus
    this.#engine = engine
    this.#suppliedEach = suppliedEach
    this.#granted = new Int32Array(skus.length)
    this.#confirmed = new Int32Array(skus.length)
    this.#released = new Int32Array(skus.length)
    this.#off = skus.map(() => ({ onHand: 0, held: 0, oversold: 0 }))
  }

  grant(index: number): void {
    this.#granted[index] = (this.#granted[index] ?? 0) + 1
  }

  confirm(index: number): void {
    this.#confirmed[index] = (this.#confirmed[index] ?? 0) + 1
  }

  release(index: number): void {
    this.#released[index] = (this.#released[index] ?? 0) + 1
  }

  /** To be called while nobody is asking. */
  async count(): Promise<{ oversold: number; leaked: number }> {
    const books = await readBooks(this.#engine, this.skus)
    const counted = { oversold: 0, leaked: 0 }
    this.skus.forEach((sku, index) => {
      const book = books.get(sku)
      const before = this.#off[index]
      if (!book || !before) throw new Error(`the level of ${sku} is gone`)
      const off = this.#compare(index, book)
      counted.oversold += Math.max(0, off.oversold - before.oversold)
      counted.leaked += Math.abs(off.onHand - before.onHand) + Math.abs(off.held - before.held)
      this.#off[index] = off
    })
    return counted
  }

  #compare(index: number, { onHand, held }: Book): Off {
    const at = (counts: Int32Array) => counts[index] ?? 0
    const taken = at(this.#granted) - at(this.#released)
    const confirmed = at(this.#confirmed)
    return {
      onHand: onHand - (this.#suppliedEach - confirmed),
      held: held - (taken - confirmed),
      oversold: Math.max(0, taken - this.#suppliedEach),
    }
  }
}

/** Makes the items and gives each of them units at one location. */
export async function stockUp(engine: Engine, skus: readonly string[], units: number): Promise<void> {
  await engine.putLocation({ code: LOCATION, name: LOCATION })
  let next = 0
  const stock = async () => {
    for (let sku = skus[next++]; sku !== undefined; sku = skus[next++]) {
      await engine.putItem({ sku, name: sku })
      await engine.adjust({ sku, location: LOCATION, delta: units, reason: "received" })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, stock))
}

export function skuNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `ITEM-${String(index + 1).padStart(5, "0")}`)
}

async function readBooks(engine: Engine, skus: readonly string[]): Promise<Map<string, Book>> {
  const books = new Map<string, Book>()
  if (skus.length <= ONE_BY_ONE_MAX) {
    for (const sku of skus) {
      const level = await engine.availability(sku)
      if (level) books.set(sku, level)
    }
    return books
  }
  let cursor: string | undefined
  do {
    const page = await engine.items({ limit: PAGE, cursor })
    for (const item of page.data) books.set(item.sku, item)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return books
}
