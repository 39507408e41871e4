/** Finds out which peers are gone without a word, and cuts them off. */
import type { LiveConnection } from "./live-connection.ts"

export interface PeersOptions {
  /** A peer that has not answered within one of these is gone. */
  readonly pingIntervalMs: number
  readonly onDropped: () => void
}

export class Peers {
  readonly #options: PeersOptions
  readonly #connections = new Set<LiveConnection>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: PeersOptions) {
    this.#options = options
  }

  add(connection: LiveConnection): void {
    this.#connections.add(connection)
    this.#timer ??= setInterval(() => this.#pingAll(), this.#options.pingIntervalMs)
  }

  remove(connection: LiveConnection): void {
    this.#connections.delete(connection)
    if (this.#connections.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #pingAll(): void {
    for (const connection of [...this.#connections]) {
      if (connection.ping()) continue
      this.remove(connection)
      this.#options.onDropped()
    }
  }
}
