/** One connection that tells server-sent events, from the request to why it is over. */
import type { Context } from "../context.ts"
import type { FollowOptions } from "../options.ts"
import { headersOf } from "../request.ts"
import { type TimeLimit, timeLimit } from "../time-limit.ts"
import {
  problemInStream,
  problemOf,
  type Trouble,
  timedOut,
  troubleOf,
  unreachable,
  unreadable,
} from "../trouble.ts"
import { bodyText } from "./body-text.ts"
import { type EventBlock, EventBlockReader } from "./event-blocks.ts"
import type { Ended } from "./following.ts"

export interface ConnectionRequest<Told> {
  readonly context: Context
  /** With its query. */
  readonly path: string
  readonly lastEventId?: string | null
  readonly options: FollowOptions
  readonly silenceMsMax: number
  /** What a block tells; null: nothing. What it throws is taken for a connection that broke. */
  readonly read: (block: EventBlock) => Told | null
  /** Whether there is nothing to come after it. */
  readonly isLast?: (told: Told) => boolean
}

export async function* connectTo<Told>(request: ConnectionRequest<Told>): AsyncGenerator<Told, Ended> {
  const { context, read, isLast = () => false } = request
  const limit = timeLimit(context.tryTimeoutMs, request.options.signal)
  let hasLived = false
  try {
    const opened = await open(request, limit)
    if ("kind" in opened) return { trouble: opened, hasLived }
    request.options.onConnection?.({ state: "open" })
    const reader = new EventBlockReader()
    for await (const text of bodyText(opened, { limit, silenceMsMax: request.silenceMsMax })) {
      for (const block of reader.read(text)) {
        hasLived = true
        if (block.type === "problem") return { trouble: endOf(block), hasLived }
        const told = read(block)
        if (told === null) continue
        yield told
        if (isLast(told)) return { trouble: null, hasLived }
      }
    }
    return { trouble: unreachable(undefined), hasLived }
  } catch (cause) {
    const trouble = limit.hasPassed() ? timedOut("Nothing came from the service") : unreachable(cause)
    return { trouble, hasLived }
  } finally {
    limit.abort()
  }
}

async function open<Told>(
  { context, path, lastEventId = null, options }: ConnectionRequest<Told>,
  { signal }: TimeLimit,
): Promise<ReadableStream<Uint8Array> | Trouble> {
  const headers = headersOf(context, options, false)
  headers.set("accept", "text/event-stream")
  if (lastEventId !== null) headers.set("last-event-id", lastEventId)
  const url = context.baseUrl + path
  const response = await context.fetch(url, { headers, cache: "no-store", redirect: "error", signal })
  if (!response.ok) return troubleOf(response, await response.text())
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream")
  return isStream && response.body ? response.body : unreadable(response)
}

function endOf({ data }: EventBlock): Trouble {
  const problem = problemOf(data ?? "")
  return problem === null ? unreachable(undefined) : problemInStream(problem)
}
