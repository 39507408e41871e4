/** One sale, from an empty sandbox to what the books say of it. */
import { randomUUID } from "node:crypto"
import type { SaleState, SaleStopReason } from "../core/sales.ts"
import { pauseFor } from "../engine/pause.ts"
import type { SaleBooks, SaleRequest, SaleView } from "../engine/theatre.ts"
import { runCrowd } from "./crowd.ts"
import { SaleFigures } from "./figures.ts"
import type { Sandbox, Seller } from "./stage.ts"

const SKU = "FLASH-SALE"
/** Ten snapshots a second look like a movement; more would only be sent. */
const SNAPSHOT_MS = 100

const FINAL: readonly SaleState[] = ["finished", "stopped", "failed"]

export interface Selling {
  readonly sandbox: Sandbox
  readonly openSeller: () => Promise<Seller>
  readonly timeLimitMs: number
}

export class Sale {
  readonly id = `sale_${randomUUID().replaceAll("-", "")}`
  readonly #request: SaleRequest
  readonly #createdAt = new Date()
  readonly #figures = new SaleFigures()
  readonly #stopping = new AbortController()
  readonly #ended = Promise.withResolvers<void>()
  #state: SaleState = "preparing"
  #startedAt: Date | null = null
  #endedAt: Date | null = null
  #stoppedBy: SaleStopReason | null = null
  #failure: string | null = null
  #books: SaleBooks | null = null
  #latest: { readonly atMs: number; readonly view: SaleView } | null = null

  constructor({ units, buyers, strategy }: SaleRequest) {
    this.#request = { units, buyers, strategy }
  }

  get isOver(): boolean {
    return FINAL.includes(this.#state)
  }

  /** Resolves when it is over, however it ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /** Whoever has asked is still answered; the first reason counts. */
  stop(reason: SaleStopReason): void {
    // Everybody was answered already, or is not to be asked any more.
    if (this.isOver || this.#state === "counting" || this.#stopping.signal.aborted) return
    this.#stoppedBy = reason
    this.#stopping.abort()
  }

  /** It never began: whoever waits for its end waits for nothing. */
  abandon(): void {
    this.#enter("failed")
    this.#ended.resolve()
  }

  /** Never rejects: what goes wrong becomes the state `failed`. */
  async run({ sandbox, openSeller, timeLimitMs }: Selling): Promise<void> {
    let ending: SaleState = "failed"
    try {
      await sandbox.clear()
      const seller = await openSeller()
      try {
        await this.#sell(seller, timeLimitMs)
      } finally {
        await seller.close()
      }
      ending = this.#stoppedBy === null ? "finished" : "stopped"
    } catch (error) {
      this.#fail(error)
    }
    await sandbox.close().catch((error: unknown) => this.#fail(error))
    this.#figures.end()
    this.#endedAt = new Date()
    this.#enter(ending)
    this.#ended.resolve()
  }

  /** All who look within a moment see the very same, so that it is written once for them. */
  view(): SaleView {
    const atMs = performance.now()
    if (this.#latest && atMs - this.#latest.atMs < SNAPSHOT_MS / 2) return this.#latest.view
    const figures = this.#figures.view()
    const view: SaleView = {
      id: this.id,
      ...this.#request,
      state: this.#state,
      createdAt: this.#createdAt,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      figures,
      oversold: Math.max(0, (this.#books?.promised ?? figures.reserved) - this.#request.units),
      stoppedBy: this.#stoppedBy,
      failure: this.#failure,
      books: this.#books,
    }
    this.#latest = { atMs, view }
    return view
  }

  /** What comes last is what came of it, unless the signal comes first. */
  async *follow(signal: AbortSignal): AsyncGenerator<SaleView, void> {
    while (!signal.aborted) {
      const view = this.view()
      yield view
      if (FINAL.includes(view.state)) return
      await Promise.race([pauseFor(SNAPSHOT_MS, signal), this.#ended.promise])
    }
  }

  async #sell(seller: Seller, timeLimitMs: number): Promise<void> {
    const { units, buyers } = this.#request
    await seller.supply(SKU, units)
    this.#startedAt = new Date()
    this.#figures.begin()
    this.#enter("running")
    const limit = setTimeout(() => this.stop("time_limit"), timeLimitMs)
    const buy = (buyer: number) => this.#buy(seller, buyer)
    await runCrowd({ buyers, stopping: this.#stopping.signal, buy }).finally(() => clearTimeout(limit))
    this.#figures.end()
    this.#enter("counting")
    this.#books = await seller.books(SKU)
  }

  async #buy(seller: Seller, buyer: number): Promise<void> {
    const answered = this.#figures.ask()
    try {
      answered((await seller.buy(SKU, `buyer-${buyer}`)) ? "reserved" : "refused")
    } catch (error) {
      // The sale goes on, as it would for everybody else; the first fault says why some got no answer.
      this.#fail(error)
      answered("failed")
    }
  }

  #enter(state: SaleState): void {
    this.#state = state
    this.#latest = null
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error.message : String(error)
  }
}
