/** Where a command comes from, as its caller says: written into the journal, and into every event. */
export interface Origin {
  /** Who asks: a person, a system. */
  readonly actor?: string | undefined
  /** The trace that it belongs to, as W3C Trace Context writes it. */
  readonly traceparent?: string | undefined
}

/** What every command may carry. */
export interface Originated {
  readonly origin?: Origin | undefined
}
