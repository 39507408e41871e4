/** The one door to Redis. Everything that is said to it passes here, so that a test can stand in the door. */
import { setTimeout as pause } from "node:timers/promises"
import { ClientClosedError, ClientOfflineError, createClient, createCluster, ErrorReply } from "redis"

export interface RedisServer {
  /** Sends one command to the server that has the key. Fails with what Redis says, or with a `RedisAway`. */
  send(key: string, args: readonly (string | Buffer)[]): Promise<unknown>
  close(): Promise<void>
}

/** No answer: the command may have been carried out, or not. */
export class RedisAway extends Error {
  override name = "RedisAway"
}

/** There was no connection to send the command over: it was not carried out, and never will be. */
export class RedisUnreached extends RedisAway {
  override name = "RedisUnreached"
}

/**
 * Redis looked at the command and would not begin it: it has no memory left, loads its data, is a replica, cannot write to
 * its disk, or is a part of a cluster that is down. Nothing was changed, and it may be otherwise in a moment.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply && REFUSALS.test(error.message)
}

/** Nothing was carried out, and nothing will be. */
export function isUndone(error: unknown): boolean {
  return error instanceof RedisUnreached || isRefusal(error)
}

/** For now: it may answer, or begin, in a moment. */
export function isAway(error: unknown): boolean {
  return error instanceof RedisAway || isRefusal(error)
}

const REFUSALS = /^(?:OOM|LOADING|READONLY|MISCONF|NOREPLICAS|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY)\b/

/** A script takes some ms; a server that takes this long is as good as away. */
const ANSWER_MS_MAX = 2000
const CONNECT_MS_MAX = 3000
const RECONNECT_PAUSE_MS = 100
const REOPEN_PAUSE_MS = 500
/** Between two connections made anew because of silence. */
const REOPEN_MS_MIN = 10_000
/** After a member of a cluster has been away for so long, the others are asked who has its slots now. */
const TOPOLOGY_MS = 500

interface Client {
  send(key: string, args: (string | Buffer)[]): Promise<unknown>
  destroy(): void
}

export interface ConnectOptions {
  /**
   * Goes on without it when it cannot be reached now, and connects as soon as it can. Given what it says once it has, it may
   * throw: then it is not used.
   */
  readonly later?: (server: RedisServer) => Promise<void>
}

/** @param url of the server, or of any member of a cluster */
export async function connectRedis(url: string, { later }: ConnectOptions = {}): Promise<RedisServer> {
  const connection = new Connection(url)
  try {
    await connection.open()
  } catch (error) {
    if (!later) throw error
    void connection.openLater(later)
  }
  return connection
}

class Connection implements RedisServer {
  readonly #url: string
  #client: Client | null = null
  #opening: Promise<void> | null = null
  #reopenedMs = Number.NEGATIVE_INFINITY
  #closed = false
  /** Why it could not be opened last: nobody else is told. */
  #failure: unknown = null

  constructor(url: string) {
    this.#url = url
  }

  async open(): Promise<void> {
    const client = await openClient(this.#url).catch((error: unknown) => {
      this.#failure = error
      throw error
    })
    const before = this.#client
    this.#client = client
    if (this.#closed) client.destroy()
    if (before === null) return
    // Members that do answer may still do so over the old one.
    await pause(ANSWER_MS_MAX, undefined, { ref: false })
    before.destroy()
  }

  async openLater(use: (server: RedisServer) => Promise<void>): Promise<void> {
    while (!this.#closed && this.#client === null) {
      await pause(REOPEN_PAUSE_MS, undefined, { ref: false })
      await this.open().catch(() => {})
    }
    if (!this.#closed) await use(this).catch(() => this.close())
  }

  async send(key: string, args: readonly (string | Buffer)[]): Promise<unknown> {
    if (this.#closed || this.#client === null) throw new RedisUnreached(this.#unconnected())
    const timer = timeOut()
    try {
      return await Promise.race([this.#client.send(key, [...args]), timer.over])
    } catch (error) {
      // Redis has looked at the command and refused it.
      if (error instanceof ErrorReply) throw error
      if (isUnsent(error)) throw new RedisUnreached("There is no connection to Redis.", { cause: error })
      if (error === timer.late) this.#reopen()
      throw new RedisAway("Redis did not answer.", { cause: error })
    } finally {
      timer.clear()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#client?.destroy()
  }

  /** An operator sees it of a sink that fails: a wrong password is not a server that is away. */
  #unconnected(): string {
    const reason = this.#failure instanceof Error ? `: ${this.#failure.message}` : ""
    return `There is no connection to Redis${reason}.`
  }

  /** One that does not answer may be a connection that leads nowhere any more, which nobody would tell us for minutes. */
  #reopen(): void {
    if (performance.now() - this.#reopenedMs < REOPEN_MS_MIN) return
    this.#opening ??= this.open()
      .then(() => {
        this.#reopenedMs = performance.now()
      })
      .catch(() => {})
      .finally(() => {
        this.#opening = null
      })
  }
}

async function openClient(url: string): Promise<Client> {
  const { username, password, protocol } = new URL(url)
  const options = {
    // Members of a cluster that are found later are not named by the url.
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    RESP: 2,
    // What was sent and not answered is never sent again by itself: whether it was carried out has to be found out.
    disableOfflineQueue: true,
    // Its own would be a signal for each command; ours is a timer for each call.
    commandOptions: { timeout: 0 },
    maintNotifications: "disabled",
    socket: {
      connectTimeout: CONNECT_MS_MAX,
      reconnectStrategy: () => RECONNECT_PAUSE_MS,
      ...(protocol === "rediss:" ? { tls: true as const } : {}),
    },
  } as const
  const single = createClient({ url, ...options, socket: { ...options.socket, reconnectStrategy: false } })
  // Each failed command says so itself; an error event that nobody listens to would end the process.
  single.on("error", () => {})
  await single.connect()
  const cluster = String(await single.sendCommand(["INFO", "cluster"]))
  single.destroy()
  if (cluster.includes("cluster_enabled:1")) {
    const client = createCluster({
      RESP: options.RESP,
      rootNodes: [{ url }],
      defaults: options,
      // Each when it is first needed: one that is away must not keep us from the others.
      minimizeConnections: true,
      topologyRefreshOnReconnectionAttemptStrategy: TOPOLOGY_MS,
    })
    client.on("error", () => {})
    await client.connect()
    return { send: (key, args) => client.sendCommand(key, false, args), destroy: () => client.destroy() }
  }
  const client = createClient({ url, ...options })
  client.on("error", () => {})
  await client.connect()
  return { send: (_, args) => client.sendCommand(args), destroy: () => client.destroy() }
}

/** What the client says before it has written anything. */
function isUnsent(error: unknown): boolean {
  return error instanceof ClientOfflineError || error instanceof ClientClosedError
}

function timeOut(): { readonly over: Promise<never>; readonly late: RedisAway; clear(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = new RedisAway("Redis did not answer in time.")
  const timer = setTimeout(() => reject(late), ANSWER_MS_MAX)
  promise.catch(() => {})
  return { over: promise, late, clear: () => clearTimeout(timer) }
}
