/** Passes bytes on between clients and a port of 127.0.0.1, and loses answers when it is told to. */
import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import { onTestFinished } from "vitest"

export class TcpProxy {
  /** The port of later connections. */
  target: number
  #losesNext = false
  readonly #server: Server
  readonly #pairs = new Set<{ readonly client: Socket; readonly upstream: Socket; muted: boolean }>()

  static async forTest(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target)
    proxy.#server.listen(0, "127.0.0.1")
    await once(proxy.#server, "listening")
    onTestFinished(() => proxy.close())
    return proxy
  }

  private constructor(target: number) {
    this.target = target
    this.#server = createServer((client) => this.#accept(client))
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen")
    return address.port
  }

  url(scheme: string): string {
    return `${scheme}://127.0.0.1:${this.port}`
  }

  /** What has been sent is still carried out; its answers never arrive, and the connections end. */
  cutAnswers(): void {
    for (const pair of this.#pairs) {
      pair.muted = true
      pair.client.destroy()
      // Let the server finish what it has been sent.
      setTimeout(() => pair.upstream.destroy(), 50)
    }
  }

  /** The next answer never arrives: its connection ends instead. */
  loseNextAnswer(): void {
    this.#losesNext = true
  }

  /** From now on nothing arrives from the other side, and nobody is told. */
  silence(): void {
    for (const pair of this.#pairs) pair.muted = true
  }

  async close(): Promise<void> {
    for (const { client, upstream } of this.#pairs) {
      client.destroy()
      upstream.destroy()
    }
    this.#server.close()
    await once(this.#server, "close")
  }

  #accept(client: Socket): void {
    const upstream = connect(this.target, "127.0.0.1")
    const pair = { client, upstream, muted: false }
    this.#pairs.add(pair)
    client.on("data", (bytes) => upstream.write(bytes))
    upstream.on("data", (bytes) => {
      if (this.#losesNext) {
        this.#losesNext = false
        client.destroy()
      } else if (!pair.muted) client.write(bytes)
    })
    const end = () => {
      if (!pair.muted) upstream.destroy()
      client.destroy()
      this.#pairs.delete(pair)
    }
    for (const socket of [client, upstream]) {
      socket.on("error", end)
      socket.on("close", end)
    }
  }
}
