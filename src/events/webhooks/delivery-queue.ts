/**
 * What waits for one endpoint, and what of it may be sent now. Events of one item go one after another: a delivery waits until
 * every earlier one that shares an item with it is settled. So what fails delays its own items and nothing else.
 */

export interface QueuedDelivery {
  /** Rises in the order of the feed. */
  readonly id: number
  /** What it has to keep the order of; without any, it waits for nobody and nobody for it. */
  readonly skus: readonly string[]
}

interface Entry<Delivery> {
  readonly delivery: Delivery
  /** On the clock of the caller. */
  dueMs: number
  /** Of its items, how many have an earlier delivery. */
  blocked: number
}

export class DeliveryQueue<Delivery extends QueuedDelivery> {
  readonly #entries = new Map<number, Entry<Delivery>>()
  /** Those of each item, in order. */
  readonly #bySku = new Map<string, number[]>()
  /** Those that nothing is before and that are not under way. */
  readonly #ready = new Set<number>()

  get size(): number {
    return this.#entries.size
  }

  has(id: number): boolean {
    return this.#entries.has(id)
  }

  /** They come in order. */
  add(delivery: Delivery, dueMs: number): void {
    const { id, skus } = delivery
    let blocked = 0
    for (const sku of skus) {
      const line = this.#bySku.get(sku)
      if (line === undefined) this.#bySku.set(sku, [id])
      else {
        line.push(id)
        blocked += 1
      }
    }
    this.#entries.set(id, { delivery, dueMs, blocked })
    if (blocked === 0) this.#ready.add(id)
  }

  /** One that is due, which is under way from now on. */
  take(nowMs: number): Delivery | undefined {
    for (const id of this.#ready) {
      const entry = this.#entries.get(id)
      if (entry === undefined || entry.dueMs > nowMs) continue
      this.#ready.delete(id)
      return entry.delivery
    }
    return undefined
  }

  /** It was taken, and is to be sent again. */
  putBack(id: number, dueMs: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.dueMs = dueMs
    this.#ready.add(id)
  }

  /** It is over, one way or the other. */
  settle(id: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    this.#ready.delete(id)
    for (const sku of entry.delivery.skus) this.#advance(sku, id)
  }

  /** When the next one is due; null: not by time alone. */
  nextDueMs(): number | null {
    let next: number | null = null
    for (const id of this.#ready) {
      const dueMs = this.#entries.get(id)?.dueMs ?? 0
      if (next === null || dueMs < next) next = dueMs
    }
    return next
  }

  /** Forgets all that is not under way. */
  clear(isUnderWay: (id: number) => boolean): void {
    const kept = [...this.#entries.values()].filter(({ delivery }) => isUnderWay(delivery.id))
    this.#entries.clear()
    this.#bySku.clear()
    this.#ready.clear()
    for (const { delivery, dueMs } of kept) {
      this.add(delivery, dueMs)
      this.#ready.delete(delivery.id)
    }
  }

  #advance(sku: string, settled: number): void {
    const line = this.#bySku.get(sku) ?? []
    const at = line.indexOf(settled)
    line.splice(at, 1)
    if (line.length === 0) this.#bySku.delete(sku)
    const next = at === 0 && line[0] !== undefined ? this.#entries.get(line[0]) : undefined
    if (next === undefined) return
    next.blocked -= 1
    if (next.blocked === 0) this.#ready.add(next.delivery.id)
  }
}
