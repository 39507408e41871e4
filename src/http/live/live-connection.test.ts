import { EventEmitter } from "node:events"
import type { WebSocket } from "@fastify/websocket"
import { expect, test } from "vitest"
import type { Availability } from "../../engine/views.ts"
import { createMetrics } from "../../telemetry/metrics.ts"
import { LiveConnection } from "./live-connection.ts"
import { LiveMessages } from "./live-messages.ts"

/** A peer that takes what is sent only when it is let. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1
  readonly readyState = 1
  readonly sent: string[] = []
  bufferedAmount = 0
  readonly #callbacks: (() => void)[] = []

  send(bytes: Buffer, _options: object, callback: () => void): void {
    this.bufferedAmount += bytes.length
    this.sent.push(String(JSON.parse(bytes.toString()).sku + JSON.parse(bytes.toString()).available))
    this.#callbacks.push(callback)
  }

  takeAll(): void {
    this.bufferedAmount = 0
    for (const callback of this.#callbacks.splice(0)) callback()
  }
}

/** Some 2 KB on the wire. */
function availabilityOf(sku: string, available: number): Availability {
  const locations = Array.from({ length: 20 }, (_, index) => ({
    location: `LOCATION-${index}`,
    onHand: available,
    held: 0,
    safetyStock: 0,
    available,
    version: available,
  }))
  return { sku, available, onHand: available, held: 0, locations, asOf: new Date(0) }
}

test("a slow peer keeps a bounded number of bytes waiting, and is owed only the latest of each item", () => {
  const socket = new SlowSocket()
  const connection = new LiveConnection(new LiveMessages(createMetrics()))
  connection.tell(availabilityOf("MUG", 0))
  connection.tell(availabilityOf("MUG", 1))
  connection.attach(socket as unknown as WebSocket)
  expect(socket.sent).toEqual(["MUG1"])
  for (let available = 2; available <= 1000; available += 1) {
    connection.tell(availabilityOf("MUG", available))
    connection.tell(availabilityOf("CUP", available))
  }
  expect(socket.bufferedAmount).toBeLessThan(32_768)
  const before = socket.sent.length
  socket.takeAll()
  expect(socket.sent.slice(before)).toEqual(["MUG1000", "CUP1000"])
  socket.takeAll()
  expect(socket.sent).toHaveLength(before + 2)
})
