/** What those who watch an item are told: written once, however many they are. */
import type { Availability } from "../../engine/views.ts"
import type { WireLiveMessage } from "../../protocol/live.ts"
import type { Metrics } from "../../telemetry/metrics.ts"
import { availabilityToWire } from "../wire.ts"

export class LiveMessages {
  readonly #metrics: Metrics
  readonly #written = new WeakMap<Availability, Buffer>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  of(availability: Availability): Buffer {
    this.#metrics.liveMessage()
    const written = this.#written.get(availability)
    if (written !== undefined) return written
    this.#metrics.liveChange()
    const message: WireLiveMessage = { type: "availability", ...availabilityToWire(availability) }
    const bytes = Buffer.from(JSON.stringify(message))
    this.#written.set(availability, bytes)
    return bytes
  }
}
