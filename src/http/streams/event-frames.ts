/** Events as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
import type { EventBatch, ToldEvent } from "../../engine/event-feed.ts"
import type { Problem } from "../../protocol/problem.ts"

/** What a browser waits before it connects again: about what a restart takes. */
const RETRY_MS = 2000
/** Characters that are handed to the connection at once: what one client keeps in memory is a few times that. */
const CHUNK_LENGTH = 32_768
/** Timers of Node may be early by so much. */
const TIMER_SLACK_MS = 2

/** Each event is written once, however many read it. */
const frames = new WeakMap<ToldEvent, string>()

/**
 * The text of a stream, in chunks.
 *
 * @param heartbeatMs without an event for so long, the place is told: proxies see that the connection lives, and a client
 *   whose filter lets little through need not look at the rest again
 */
export async function* eventChunks(
  batches: AsyncIterable<EventBatch>,
  { first, heartbeatMs }: { readonly first: EventBatch; readonly heartbeatMs: number },
): AsyncGenerator<string, void> {
  yield `retry: ${RETRY_MS}\nid: ${first.cursor}\n\n`
  yield* chunksOf(first.events)
  let toldAtMs = performance.now()
  for await (const { events, cursor } of batches) {
    const isDue = performance.now() - toldAtMs >= heartbeatMs - TIMER_SLACK_MS
    // A block without data is no event, but its id counts as the last one.
    if (events.length === 0 && isDue) yield `: heartbeat\nid: ${cursor}\n\n`
    else yield* chunksOf(events)
    if (events.length > 0 || isDue) toldAtMs = performance.now()
  }
}

/** The last thing on a stream that is ended from this side. */
export function problemFrame(problem: Problem): string {
  return `event: problem\ndata: ${JSON.stringify(problem)}\n\n`
}

function* chunksOf(events: readonly ToldEvent[]): Generator<string, void> {
  let chunk = ""
  for (const told of events) {
    chunk += frameOf(told)
    if (chunk.length < CHUNK_LENGTH) continue
    yield chunk
    chunk = ""
  }
  if (chunk !== "") yield chunk
}

function frameOf(told: ToldEvent): string {
  const written = frames.get(told)
  if (written !== undefined) return written
  const { event, cursor } = told
  const frame = `id: ${cursor()}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
  frames.set(told, frame)
  return frame
}
