/** What a client and each of its calls can be told. */
import type { EarmarkFailure } from "./failures.ts"

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:8080`. A path is kept: what stands in front may add one. */
  readonly baseUrl: string | URL
  /** The platform's own if not given. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** For live stock; the platform's own if not given. */
  readonly webSocket?: typeof globalThis.WebSocket | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Who asks: the journal and the events say it of every change. */
  readonly actor?: string | undefined
  /** For a whole call, with all of its tries and the pauses between them: 30,000 if not given. */
  readonly timeoutMs?: number | undefined
  /** For one try: 15,000 if not given. */
  readonly tryTimeoutMs?: number | undefined
  /** Further tries after the first: 4 if not given. */
  readonly retries?: number | undefined
  /** The longest pause before the second try, twice as long before each further one: 200 if not given. */
  readonly backoffMs?: number | undefined
  /** What that stops growing at: 10,000 if not given. What `Retry-After` asks for comes on top. */
  readonly backoffMsMax?: number | undefined
  /** Told before each pause after which a call is tried again. */
  readonly onRetry?: ((retry: Retry) => void) | undefined
}

export interface Retry {
  /** As `POST /v1/reservations`. */
  readonly request: string
  readonly failure: EarmarkFailure
  readonly inMs: number
}

export interface CallOptions {
  /** Ends the call, which then throws the signal's reason. What was sent may have been carried out all the same. */
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
  readonly retries?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface WriteOptions extends CallOptions {
  /**
   * The same key with the same body makes one thing, however often it is sent, also by another process. Without one the
   * client makes one for each call, and keeps it over all tries of that call.
   */
  readonly idempotencyKey?: string | undefined
  readonly actor?: string | undefined
}

/** What came with an answer: whatever was committed by then has been seen; null where the service does not say. */
export interface AsOf {
  readonly asOf: string | null
}

/** What came of a write that makes one thing for each key. */
export interface Replayed {
  /**
   * True: an earlier request with this key made it, and this is how it stands now. That may have been an earlier try of this very
   * call, whose answer was lost.
   */
  readonly replayed: boolean
}

/** Of something that is followed for as long as one likes. */
export interface FollowOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Told whenever the connection is there, or is lost and will be tried again. */
  readonly onConnection?: ((connection: Connection) => void) | undefined
  /** Without a sign of life for so long the connection is taken for dead, and made anew. */
  readonly silenceMsMax?: number | undefined
}

export type Connection =
  | { readonly state: "open" }
  | { readonly state: "lost"; readonly failure: EarmarkFailure; readonly retryInMs: number }
