/**
 * A proxy on a fixed port that understands just enough of the Postgres protocol to lose the answer of a commit, or the
 * commit itself, at will.
 */
import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"

/** What becomes of the next commit: passed on while its answer is lost, or lost itself. */
export type CommitLoss = "answer" | "request"
type Loss = CommitLoss | "answer-at-once"

/** The statements that commit: their names begin with one of these. */
const COMMITTING = ["earmark_commit", "earmark_take_"]
const STARTUP_HEADER_BYTES = 4
const HEADER_BYTES = 5
const BIND = "B".charCodeAt(0)
const SYNC = "S".charCodeAt(0)
/** What a server says when it is ready, outside of any transaction. */
const READY = Buffer.from("Z\0\0\0\x05I", "latin1")
const FATAL_FIELDS = "SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"
const FATAL = Buffer.concat([
  Buffer.from("E\0\0\0"),
  Buffer.from([4 + FATAL_FIELDS.length]),
  Buffer.from(FATAL_FIELDS),
])

export class FaultProxy {
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #target: URL
  #refusing = false
  #silent = false
  #dying = false
  #lose: { what: Loss; thenRefuse: boolean } | undefined
  #lost: () => void = () => {}
  /** Commits that were lost, or whose answer was. */
  lostCommits = 0

  static async open(targetUrl: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetUrl)
    proxy.#server.listen(0, "127.0.0.1")
    await once(proxy.#server, "listening")
    return proxy
  }

  private constructor(targetUrl: string) {
    this.#target = new URL(targetUrl)
    this.#server = createServer((client) => this.#join(client))
  }

  /** The database's url by way of the proxy. */
  url(databaseUrl: string): string {
    const url = new URL(databaseUrl)
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("the proxy has no port")
    url.host = `127.0.0.1:${address.port}`
    return url.href
  }

  /** Where connections go from now on: a restarted server has another port. */
  set target(url: string) {
    this.#target = new URL(url)
  }

  /** Refuses new connections, and breaks those that are open. */
  refuse(): void {
    this.#refusing = true
    this.#breakAll()
  }

  /** The server says that it dies in the same breath in which it lets a client in. */
  dieOnConnecting(): void {
    this.#dying = true
  }

  /** Passes nothing on any more, in either direction, and keeps every connection open. */
  fallSilent(): void {
    this.#silent = true
    for (const client of this.#clients) client.pause()
  }

  /** Back to normal. What was open while it was silent is broken, as by a router that forgot it. */
  recover(): void {
    this.#refusing = false
    this.#dying = false
    if (this.#silent) this.#breakAll()
    this.#silent = false
  }

  /** Loses the next commit; resolves when it has. */
  loseCommit(what: Loss, { thenRefuse = false } = {}): Promise<void> {
    this.#lose = { what, thenRefuse }
    return new Promise((resolve) => {
      this.#lost = resolve
    })
  }

  /** Passes the next commit on and breaks the client's connection at once, while the server is still busy with it. */
  breakAtCommit(): Promise<void> {
    return this.loseCommit("answer-at-once")
  }

  async close(): Promise<void> {
    this.#breakAll()
    this.#server.close()
    await once(this.#server, "close")
  }

  #join(client: Socket): void {
    client.on("error", () => {})
    if (this.#refusing) {
      client.destroy()
      return
    }
    this.#clients.add(client)
    const server = connect(Number(this.#target.port), this.#target.hostname)
    server.on("error", () => client.destroy())
    server.on("close", () => client.destroy())
    client.on("close", () => {
      this.#clients.delete(client)
      server.destroy()
    })
    server.on("data", (bytes) => {
      if (this.#dying && bytes.subarray(-READY.length).equals(READY))
        client.end(Buffer.concat([bytes, FATAL]))
      else if (!this.#silent) client.write(bytes)
    })
    const frames = new Frames()
    client.on("data", (bytes) => this.#forward(client, server, frames.split(bytes)))
    if (this.#silent) client.pause()
  }

  #forward(client: Socket, server: Socket, frames: readonly Buffer[]): void {
    if (this.#silent) return
    const at = this.#lose ? frames.findIndex(commits) : -1
    const lose = this.#lose
    if (at < 0 || !lose) {
      server.write(Buffer.concat(frames))
      return
    }
    this.#lose = undefined
    this.lostCommits += 1
    const sync = frames.findIndex((frame, index) => index > at && frame[0] === SYNC)
    const passed = frames.slice(0, lose.what === "request" ? at : sync + 1)
    server.write(Buffer.concat(passed))
    client.removeAllListeners("close").on("close", () => this.#clients.delete(client))
    server
      .removeAllListeners("data")
      .removeAllListeners("close")
      .on("data", () => {})
    if (lose.thenRefuse) this.#refusing = true
    // The server comes to the end of what it was sent; the client never hears of it.
    server.end()
    const lost = () => {
      if (lose.thenRefuse) this.#breakAll()
      client.destroy()
      this.#lost()
    }
    if (lose.what === "answer-at-once") lost()
    else server.on("close", lost)
  }

  #breakAll(): void {
    for (const client of this.#clients) client.destroy()
  }
}

function commits(frame: Buffer): boolean {
  if (frame[0] !== BIND) return false
  const [, statement = ""] = frame.toString("latin1", HEADER_BYTES).split("\0")
  return COMMITTING.some((name) => statement.startsWith(name))
}

/** Cuts what a client sends into messages. */
class Frames {
  #rest = Buffer.alloc(0)
  #started = false

  split(bytes: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: Buffer[] = []
    for (;;) {
      const header = this.#started ? HEADER_BYTES : STARTUP_HEADER_BYTES
      if (this.#rest.length < header) return frames
      const length = this.#rest.readUInt32BE(header - STARTUP_HEADER_BYTES) + header - STARTUP_HEADER_BYTES
      if (this.#rest.length < length) return frames
      frames.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
      this.#started = true
    }
  }
}
