/** Somebody who watches items over a WebSocket, with Node's own client. */
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import { text } from "node:stream/consumers"
import type { WireLiveMessage } from "../../src/protocol/live.ts"

export class TestWatcher {
  readonly socket: WebSocket
  readonly messages: WireLiveMessage[] = []
  readonly opened: Promise<void>
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #latest = new Map<string, WireLiveMessage>()
  readonly #waiting = new Set<() => void>()

  constructor(url: string) {
    this.socket = new WebSocket(url)
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener("open", () => resolve())
      this.socket.addEventListener("error", () => reject(new Error(`no WebSocket at ${url}`)))
    })
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }))
    })
    this.socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as WireLiveMessage
      this.messages.push(message)
      this.#latest.set(message.sku, message)
      for (const look of [...this.#waiting]) look()
    })
  }

  latest(sku: string): WireLiveMessage | undefined {
    return this.#latest.get(sku)
  }

  /** Resolves once it is so. */
  until(isSo: (watcher: this) => boolean): Promise<void> {
    if (isSo(this)) return Promise.resolve()
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo(this)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
    })
  }

  close(): void {
    this.socket.close()
  }

  /** What the service answers instead of an upgrade. */
  static async refused(url: string): Promise<{ status: number; headers: object; body: unknown }> {
    const headers = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16, 7).toString("base64"),
    }
    const request = get(url.replace("ws", "http"), { headers, agent: false })
    const [response] = (await once(request, "response")) as [IncomingMessage]
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: JSON.parse(await text(response)),
    }
  }
}
