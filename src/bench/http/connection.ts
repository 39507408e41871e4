/**
 * One HTTP/1.1 connection with one request under way at a time. It can do what the load needs and no more: whoever makes
 * the load shares the machine with what is measured, and with all its cores busy undici cost twice as much a request.
 */
import { once } from "node:events"
import { connect, type Socket } from "node:net"

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** What one read takes from the socket: the answers that a load gets are a tenth of it. */
const READ_BYTES = 8192
/** A longer answer is none that we asked for. */
const ANSWER_BYTES_MAX = 65_536

const HEAD_END = "\r\n\r\n"
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i

/** A request as it goes over the wire, to be made once and sent often. */
export function postJson({ host }: URL, path: string, body: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(body))
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/json",
    `Content-Length: ${json.length}`,
  ]
  return Buffer.concat([Buffer.from(head.join("\r\n") + HEAD_END), json])
}

export class Connection {
  readonly #socket: Socket
  #asked: PromiseWithResolvers<HttpAnswer> | undefined
  #failure: Error | undefined
  /** A character for each byte. */
  #received = ""

  static async open({ hostname, port }: URL): Promise<Connection> {
    const connection = new Connection(hostname, Number(port))
    await once(connection.#socket, "connect")
    return connection
  }

  private constructor(host: string, port: number) {
    const buffer = Buffer.alloc(READ_BYTES)
    const read = (bytes: number) => {
      this.#receive(buffer.toString("latin1", 0, bytes))
      return true
    }
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer, callback: read } })
    this.#socket.on("error", (error) => this.#fail(error))
    this.#socket.on("close", () => this.#fail(new Error("the service closed a connection")))
  }

  ask(request: Buffer): Promise<HttpAnswer> {
    if (this.#asked) throw new Error("a request is under way on this connection")
    if (this.#failure) return Promise.reject(this.#failure)
    this.#asked = Promise.withResolvers()
    this.#socket.write(request)
    return this.#asked.promise
  }

  close(): void {
    this.#socket.end()
  }

  #receive(text: string): void {
    this.#received += text
    const answer = readAnswer(this.#received)
    if (answer === "unfinished") return
    this.#received = ""
    if (answer === "unreadable") this.#fail(new Error(`this is no answer that was asked for: ${text}`))
    else this.#settle()?.resolve(answer)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#socket.destroy()
    this.#settle()?.reject(this.#failure)
  }

  #settle(): PromiseWithResolvers<HttpAnswer> | undefined {
    const asked = this.#asked
    this.#asked = undefined
    return asked
  }
}

function readAnswer(received: string): HttpAnswer | "unfinished" | "unreadable" {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd === -1) return received.length > ANSWER_BYTES_MAX ? "unreadable" : "unfinished"
  const length = CONTENT_LENGTH.exec(received)
  if (!received.startsWith("HTTP/1.1 ") || !length || length.index > headEnd) return "unreadable"
  const bodyStart = headEnd + HEAD_END.length
  const missing = bodyStart + Number(length[1]) - received.length
  if (missing > 0) return received.length > ANSWER_BYTES_MAX ? "unreadable" : "unfinished"
  // More than was asked for belongs to nobody.
  if (missing < 0) return "unreadable"
  return { status: Number(received.slice(9, 12)), body: received.slice(bodyStart) }
}
