/** Somebody who watches items over a WebSocket. However slow they are, they are owed no more than the latest of each item. */
import type { WebSocket } from "@fastify/websocket"
import type { Availability } from "../../engine/views.ts"
import type { LiveMessages } from "./live-messages.ts"

/** Bytes that may wait for the peer before it gets the latest only: some dozens of messages. */
const UNSENT_BYTES_MAX = 16_384

/** Close codes of RFC 6455, and of its registry. */
export const CLOSE_CODES = { goingAway: 1001, policyViolation: 1008 } as const

export class LiveConnection {
  readonly #messages: LiveMessages
  readonly #owed = new Map<string, Availability>()
  #socket: WebSocket | null = null
  /** Whether it has answered since it was asked last. */
  #isAlive = true

  constructor(messages: LiveMessages) {
    this.#messages = messages
  }

  /** Until it is attached to its socket, the latest waits. */
  tell(availability: Availability): void {
    this.#owed.set(availability.sku, availability)
    this.#sendOwed()
  }

  attach(socket: WebSocket): void {
    this.#socket = socket
    socket.on("pong", () => {
      this.#isAlive = true
    })
    socket.on("message", () =>
      socket.close(CLOSE_CODES.policyViolation, "This connection takes no messages."),
    )
    this.#sendOwed()
  }

  /** Asks whether the peer is there; one that has not answered since the last time is cut off, which returns false. */
  ping(): boolean {
    if (!this.#isAlive) {
      this.#socket?.terminate()
      return false
    }
    this.#isAlive = this.#socket === null
    this.#socket?.ping()
    return true
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason)
  }

  readonly #sendOwed = (): void => {
    const socket = this.#socket
    if (socket === null || socket.readyState !== socket.OPEN) return
    for (const [sku, availability] of this.#owed) {
      // Whatever is under way then comes back here when it is sent.
      if (socket.bufferedAmount > UNSENT_BYTES_MAX) return
      this.#owed.delete(sku)
      socket.send(this.#messages.of(availability), { binary: false }, this.#sendOwed)
    }
  }
}
