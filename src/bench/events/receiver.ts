/** Where the events of a scenario go: outside of this process, whose time is the engine's. */
/** Whose events. */
export interface Told {
  readonly databaseUrl: string
  readonly schema: string
}

export interface Receiver {
  /** Tell a worker to hand events on to it. */
  readonly settings: Readonly<Record<string, string>>
  /** Whether it is told also of what happened before it was there. */
  readonly hearsThePast: boolean
  /** Messages that have come so far. */
  told(): Promise<number>
  /** What came from that message on: an event as JSON each. */
  read(from: number): AsyncIterable<string>
  stop(): Promise<void>
}
