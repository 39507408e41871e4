/** What is available, as it changes, over any number of WebSockets. */
import type { Context } from "../context.ts"
import { queryText } from "../operation.ts"
import type { FollowOptions } from "../options.ts"
import { timeLimit } from "../time-limit.ts"
import { parsed, timedOut, unreachable } from "../trouble.ts"
import type { LiveAvailability } from "../wire.ts"
import { type Ended, follow, silenceMsMaxOf, unlessAborted } from "./following.ts"
import { Latest } from "./latest.ts"
import { whyRefused } from "./why-refused.ts"

/**
 * A connection that died without a word looks like one on which nothing happens, and no program is told of the pings of a
 * WebSocket: after so long a new one is made, which begins with what is available.
 */
const SILENCE_MS_MAX = 120_000

export function followLiveStock(
  context: Context,
  skus: readonly string[],
  options: FollowOptions,
): AsyncGenerator<LiveAvailability, void> {
  const silenceMsMax = silenceMsMaxOf(options, SILENCE_MS_MAX)
  const url = `${context.baseUrl.replace(/^http/, "ws")}/v1/live${queryText({ sku: skus })}`
  /** Items are never taken away: once the service has accepted them, it is not asked about them again. */
  let isAccepted = false

  async function* connect(): AsyncGenerator<LiveAvailability, Ended> {
    const ended = yield* watch({ context, url, options, silenceMsMax })
    isAccepted ||= ended.hasLived
    if (isAccepted || options.signal?.aborted) return ended
    const refusal = await whyRefused(context, skus, options.signal).catch(unlessAborted(options.signal))
    isAccepted = refusal === null
    return refusal ? { ...ended, trouble: refusal } : ended
  }
  return follow({ context, options, connect })
}

interface Watching {
  readonly context: Context
  readonly url: string
  readonly options: FollowOptions
  readonly silenceMsMax: number
}

async function* watch({
  context,
  url,
  options,
  silenceMsMax,
}: Watching): AsyncGenerator<LiveAvailability, Ended> {
  const WebSocket = context.webSocket()
  const socket = new WebSocket(url)
  const latest = new Latest()
  const limit = timeLimit(context.tryTimeoutMs, options.signal)
  let hasLived = false
  limit.signal.addEventListener("abort", () => latest.end(timedOut("Nothing came from the service")))
  socket.addEventListener("open", () => options.onConnection?.({ state: "open" }))
  socket.addEventListener("message", ({ data }) => {
    limit.restart(silenceMsMax)
    const message = parsed(String(data)) as LiveAvailability | undefined
    if (message?.type === "availability") latest.put(message)
  })
  socket.addEventListener("close", ({ code }) => latest.end(unreachable(`closed with the code ${code}`)))
  try {
    for (;;) {
      const told = await latest.take()
      if ("kind" in told) return { trouble: told, hasLived }
      hasLived = true
      yield told
    }
  } finally {
    limit.abort()
    socket.close()
  }
}
