/** Connections for requests that come by the clock: one that finds none free waits for one, as in any client's pool. */
export class FreeConnections<Connection> {
  readonly #free: Connection[]
  readonly #waiting: ((connection: Connection) => void)[] = []

  constructor(connections: readonly Connection[]) {
    this.#free = [...connections]
  }

  async lend(use: (connection: Connection) => Promise<void>): Promise<void> {
    const connection = this.#free.shift() ?? (await this.#wait())
    try {
      await use(connection)
    } finally {
      const next = this.#waiting.shift()
      if (next) next(connection)
      else this.#free.push(connection)
    }
  }

  #wait(): Promise<Connection> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
