/** A client of server-sent events that keeps all it is told, and can stop reading. */
import { once } from "node:events"
import { get, type IncomingMessage } from "node:http"
import type { EarmarkEvent } from "../../src/core/events/event.ts"

export interface ReceivedEvent {
  readonly id: string
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the service sent; the tests say what it should be
  readonly data: any
}

export interface EventSourceOptions {
  readonly lastEventId?: string
  /** Bytes that are read ahead at most. */
  readonly highWaterMark?: number
}

export class TestEventSource {
  readonly response: IncomingMessage
  readonly events: ReceivedEvent[] = []
  readonly comments: string[] = []
  /** As a browser keeps it. */
  lastEventId: string
  retryMs: number | undefined
  /** Resolves when the other side has ended the stream, or broken the connection. */
  readonly ended: Promise<"ended" | "broken">
  readonly #waiting = new Set<() => void>()
  #rest = ""

  static async open(
    url: string,
    { lastEventId, highWaterMark }: EventSourceOptions = {},
  ): Promise<TestEventSource> {
    const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId }
    const request = get(url, { headers, agent: false, ...(highWaterMark && { highWaterMark }) })
    const [response] = (await once(request, "response")) as [IncomingMessage]
    request.on("error", () => {})
    return new TestEventSource(response, lastEventId ?? "")
  }

  private constructor(response: IncomingMessage, lastEventId: string) {
    this.response = response
    this.lastEventId = lastEventId
    this.ended = new Promise((resolve) => {
      response.once("end", () => resolve("ended"))
      response.on("error", () => resolve("broken"))
    })
    response.setEncoding("utf8").on("data", (text: string) => this.#read(text))
  }

  get told(): EarmarkEvent[] {
    return this.events.filter(({ type }) => type !== "problem").map(({ data }) => data)
  }

  /** Resolves once it is so. */
  until(isSo: (source: this) => boolean): Promise<void> {
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
    this.response.destroy()
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split("\n\n")
    this.#rest = blocks.pop() ?? ""
    for (const block of blocks) this.#readBlock(block)
    for (const look of [...this.#waiting]) look()
  }

  #readBlock(block: string): void {
    let type = "message"
    let data: string | undefined
    for (const line of block.split("\n")) {
      const [, field = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? []
      if (field === "") this.comments.push(value)
      else if (field === "id") this.lastEventId = value
      else if (field === "event") type = value
      else if (field === "data") data = value
      else if (field === "retry") this.retryMs = Number(value)
    }
    if (data !== undefined) this.events.push({ id: this.lastEventId, type, data: JSON.parse(data) })
  }
}
