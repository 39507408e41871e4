import { errors, Pool } from "undici"
import { type ConnectorOptions, guardedConnector } from "./guarded-connector.ts"

/** Connections to one endpoint; more attempts at once than that wait for one another, within their time. */
const CONNECTIONS_MAX = 4
/** Endpoints whose connections are kept. An idle one costs some kilobytes, and its connections close within seconds. */
const ENDPOINTS_MAX = 1000
/** What a response's head may be at most: what Node takes by default, whatever flag it was started with. */
const HEAD_BYTES_MAX = 16_384

/** The connections to each endpoint, apart from those to any other, even of the same host: none waits for another's. */
export class EndpointPools {
  readonly #options: ConnectorOptions
  /** By endpoint and origin; the one that was used last is the last. */
  readonly #pools = new Map<string, Pool>()
  readonly #closing = new Set<Promise<void>>()
  #closed = false

  constructor(options: ConnectorOptions) {
    this.#options = options
  }

  of(endpointId: string, { origin, protocol }: URL): Pool {
    if (this.#closed) throw new errors.ClientClosedError()
    const key = `${endpointId} ${origin}`
    const pool = this.#pools.get(key) ?? this.#open(origin, protocol)
    this.#pools.delete(key)
    this.#pools.set(key, pool)
    const [oldest] = this.#pools.keys()
    if (oldest !== undefined && this.#pools.size > ENDPOINTS_MAX) this.#close(oldest)
    return pool
  }

  /** Resolves when what is under way is over. */
  async close(): Promise<void> {
    this.#closed = true
    for (const key of this.#pools.keys()) this.#close(key)
    await Promise.all(this.#closing)
  }

  #open(origin: string, protocol: string): Pool {
    return new Pool(origin, {
      connect: guardedConnector(protocol, this.#options),
      connections: CONNECTIONS_MAX,
      maxHeaderSize: HEAD_BYTES_MAX,
      // An attempt has one bound for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  #close(key: string): void {
    const pool = this.#pools.get(key)
    if (pool === undefined) return
    this.#pools.delete(key)
    const closing = pool.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}
