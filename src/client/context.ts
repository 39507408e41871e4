/** What every call of a client goes by: its options, each with its value, and what it takes from outside. */
import type { ClientOptions, Retry } from "./options.ts"
import { pause } from "./pause.ts"

/** Two tries that fail by time, and a pause. */
const TIMEOUT_MS = 30_000
/** Above the 12 s within which the service itself tries again before it gives up. */
const TRY_TIMEOUT_MS = 15_000
/** A restart of the service takes a few seconds, which is about what these make with the pauses between them. */
const RETRIES = 4
const BACKOFF_MS = 200
/** Long enough for any number of clients to leave a service alone that has just come back. */
const BACKOFF_MS_MAX = 10_000
/** Timers take no more. */
const MS_MAX = 2 ** 31 - 1

/** What differs from one run to the next; tests put their own here. */
export interface Surroundings {
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number
  /** Rejects with the signal's reason. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
}

export const SURROUNDINGS: Surroundings = { random: Math.random, pause }

export interface Context extends Surroundings {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly webSocket: () => typeof globalThis.WebSocket
  readonly headers: Readonly<Record<string, string>>
  readonly actor: string | undefined
  readonly timeoutMs: number
  readonly tryTimeoutMs: number
  readonly retries: number
  readonly backoffMs: number
  readonly backoffMsMax: number
  readonly onRetry: (retry: Retry) => void
}

/** @throws TypeError when the address is none; RangeError when a number is out of bounds */
export function contextOf(options: ClientOptions, surroundings: Surroundings): Context {
  const { fetch, webSocket, headers = {}, actor, onRetry = () => {} } = options
  return {
    ...surroundings,
    baseUrl: baseOf(options.baseUrl),
    // Looked up at each call, so that whatever is put in its place later counts; and a browser's own wants no `this`.
    fetch: fetch ?? ((...request) => globalThis.fetch(...request)),
    webSocket: () => webSocket ?? globalThis.WebSocket,
    headers,
    actor,
    timeoutMs: within("timeoutMs", options.timeoutMs ?? TIMEOUT_MS),
    tryTimeoutMs: within("tryTimeoutMs", options.tryTimeoutMs ?? TRY_TIMEOUT_MS),
    retries: within("retries", options.retries ?? RETRIES),
    backoffMs: within("backoffMs", options.backoffMs ?? BACKOFF_MS),
    backoffMsMax: within("backoffMsMax", options.backoffMsMax ?? BACKOFF_MS_MAX),
    onRetry,
  }
}

/** Millisecond and counts alike: what is no number would be a pause of no time, and a loop without one. */
export function within(name: string, value: number): number {
  if (value >= 0 && value <= MS_MAX) return value
  throw new RangeError(`${name} must be a number from 0 to ${MS_MAX}`)
}

function baseOf(given: string | URL): string {
  const { protocol, origin, pathname } = new URL(given)
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError("baseUrl must be an http or https URL")
  }
  return origin + pathname.replace(/\/+$/, "")
}
