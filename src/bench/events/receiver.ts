/** Where the events of a scenario go: outside of this process, whose time is the engine's. */
import type { Readable } from "node:stream"

export interface Receiver {
  /** Tell a worker to hand events on to it. */
  readonly settings: Readonly<Record<string, string>>
  /** Messages that have come so far. */
  told(): Promise<number>
  /** What came from that message on: an event as JSON each. */
  read(from: number): AsyncIterable<string> | Readable
  stop(): Promise<void>
}
