/**
 * Lanes: whatever arrives while a lane is committing travels together in its next batch. Alone, a request waits for
 * nobody; under load, hundreds share one transaction. There is no timer and no artificial delay. It is group commit,
 * which databases do for their log, done for the row.
 */
import { setImmediate as nextTurn } from "node:timers/promises"
import { EarmarkError } from "../core/errors.ts"
import type { EngineObserver } from "./ports.ts"

export interface LaneItem {
  /** Items with the same hint go to the same lane. */
  readonly hint: number
  /** What the item adds to a batch, at least 1: a basket of a hundred lines is as much work as a hundred of one. */
  readonly weight: number
}

export interface LanesOptions<T extends LaneItem, R> {
  readonly lanes: number
  readonly batchWeightMax: number
  readonly queueMax: number
  readonly queueTimeoutMs: number
  readonly observer: EngineObserver
  /** Answers a batch: one result for each item, in order. An `Error` fails that item alone. */
  readonly run: (batch: readonly T[]) => Promise<readonly (R | Error)[]>
}

/**
 * Answers given in one turn of the event loop: each may wake a caller who works for some ten microseconds, and the next
 * batch, whose answers from the database come in between, should not wait for hundreds of them.
 */
const ANSWERS_PER_TURN = 32

interface Entry<T, R> {
  readonly item: T
  readonly queuedMs: number
  readonly resolve: (result: R) => void
  readonly reject: (error: unknown) => void
}

export class Lanes<T extends LaneItem, R> {
  readonly #options: LanesOptions<T, R>
  readonly #lanes: Lane<T, R>[]
  #closed = false

  constructor(options: LanesOptions<T, R>) {
    this.#options = options
    let waiting = 0
    const count = (change: number) => {
      waiting += change
      options.observer.queued(waiting)
    }
    this.#lanes = Array.from({ length: options.lanes }, () => new Lane(options, count))
  }

  submit(item: T): Promise<R> {
    if (this.#closed) return Promise.reject(refused("The engine is closing."))
    const lane = this.#lanes[item.hint % this.#options.lanes] as Lane<T, R>
    return lane.submit(item)
  }

  /** From now on nothing new; resolves when what was accepted is answered. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#lanes.map((lane) => lane.drained()))
  }
}

class Lane<T extends LaneItem, R> {
  readonly #options: LanesOptions<T, R>
  /** Told how many more, or fewer, are waiting. */
  readonly #count: (change: number) => void
  #queue: Entry<T, R>[] = []
  #running = false
  #drained: Promise<void> = Promise.resolve()
  #expiry: NodeJS.Timeout | undefined

  constructor(options: LanesOptions<T, R>, count: (change: number) => void) {
    this.#options = options
    this.#count = count
  }

  submit(item: T): Promise<R> {
    if (this.#queue.length >= this.#options.queueMax) {
      return Promise.reject(refused(`${this.#options.queueMax} requests are waiting already.`))
    }
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({ item, queuedMs: performance.now(), resolve, reject })
      this.#count(1)
      if (!this.#running) this.#drained = this.#drain()
      this.#expiry ??= this.#expireLater()
    })
  }

  drained(): Promise<void> {
    return this.#drained
  }

  async #drain(): Promise<void> {
    this.#running = true
    // Let everything that the event loop has read by now join the first batch.
    await nextTurn()
    // Whatever waits when a batch has run is on its way while that one is answered: Postgres does not wait for callers.
    // One batch at most is being answered: callers that are slow must fill the queue, whose bound they then feel.
    let answered = Promise.resolve()
    while (this.#queue.length > 0) {
      const batch = this.#takeBatch()
      const results = await this.#runBatch(batch)
      await answered
      answered = answer(batch, results)
      if (this.#queue.length === 0) await answered
    }
    this.#running = false
    clearTimeout(this.#expiry)
    this.#expiry = undefined
  }

  #takeBatch(): Entry<T, R>[] {
    let weight = 0
    let count = 0
    for (const { item } of this.#queue) {
      weight += item.weight
      if (count > 0 && weight > this.#options.batchWeightMax) break
      count += 1
    }
    const batch = this.#queue.slice(0, count)
    this.#queue = this.#queue.slice(count)
    this.#count(-batch.length)
    return batch
  }

  async #runBatch(batch: readonly Entry<T, R>[]): Promise<readonly (R | Error)[]> {
    this.#options.observer.batch(batch.length)
    try {
      return await this.#options.run(batch.map(({ item }) => item))
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      return batch.map(() => failure)
    }
  }

  /** While a batch hangs, those that wait behind it are told so in time: nothing was done for them. */
  #expireLater(): NodeJS.Timeout {
    const { queueTimeoutMs } = this.#options
    const timer = setTimeout(() => {
      const oldestMs = performance.now() - queueTimeoutMs
      const late = this.#queue.filter(({ queuedMs }) => queuedMs <= oldestMs)
      this.#queue = this.#queue.filter(({ queuedMs }) => queuedMs > oldestMs)
      this.#count(-late.length)
      for (const { reject } of late) reject(refused(`The request waited ${queueTimeoutMs} ms for its turn.`))
      this.#expiry = this.#expireLater()
    }, queueTimeoutMs / 4)
    return timer.unref()
  }
}

async function answer<T, R>(batch: readonly Entry<T, R>[], results: readonly (R | Error)[]): Promise<void> {
  for (const [index, { resolve, reject }] of batch.entries()) {
    if (index > 0 && index % ANSWERS_PER_TURN === 0) await nextTurn()
    const result = results[index]
    if (result instanceof Error) reject(result)
    else resolve(result as R)
  }
}

function refused(detail: string): EarmarkError {
  return new EarmarkError("unavailable", `${detail} Nothing was changed.`, { notApplied: true })
}
