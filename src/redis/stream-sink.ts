/**
 * Events to a stream of Redis, in the order of the feed: an entry has the fields `id`, `type` and `event`.
 *
 * A batch is one script, so it is appended whole or not at all, and the next goes only when this one was acknowledged. So what
 * comes again after a lost answer is behind its first copy; whoever drops the ids that it has seen has the feed's order.
 *
 * What Redis loses, it loses here too: a crash takes what was not on its disk, a failover what the replica did not have, and
 * nobody sends that again unless the sink is told to begin from an earlier place.
 */
import type { EarmarkEvent } from "../core/events/event.ts"
import type { RefusedEvent, Sink } from "../engine/sink.ts"
import { loadLoneScript, runScript } from "./script.ts"
import { connectRedis, type RedisServer } from "./server.ts"

const APPEND = loadLoneScript("append-events")

/** Redis does nothing else while it appends them: some milliseconds. */
const BATCH_MAX = 500

export interface StreamSinkOptions {
  /** Of the server, or of any member of a cluster. */
  readonly url: string
  readonly key: string
  /** About so many entries are kept; those before are dropped, whether or not anybody has read them. */
  readonly entriesMax: number
}

/** Goes on without Redis when it is away, and connects as soon as it can. */
export async function openStreamSink({ url, ...stream }: StreamSinkOptions): Promise<Sink> {
  return new StreamSink(await connectRedis(url, { later: async () => {} }), stream)
}

class StreamSink implements Sink {
  readonly name = "redis-stream"
  readonly #server: RedisServer
  readonly #stream: Omit<StreamSinkOptions, "url">

  constructor(server: RedisServer, stream: Omit<StreamSinkOptions, "url">) {
    this.#server = server
    this.#stream = stream
  }

  async deliver(events: readonly EarmarkEvent[]): Promise<readonly RefusedEvent[]> {
    const { key, entriesMax } = this.#stream
    for (let at = 0; at < events.length; at += BATCH_MAX) {
      const entries = events.slice(at, at + BATCH_MAX).flatMap(entryOf)
      await runScript(this.#server, APPEND, { keys: [key], args: [String(entriesMax), ...entries] })
    }
    return []
  }

  async close(): Promise<void> {
    await this.#server.close()
  }
}

/** The long one as bytes: the client puts all texts of a command together first, which takes as long as all the rest. */
function entryOf(event: EarmarkEvent): (string | Buffer)[] {
  return [event.id, event.type, Buffer.from(JSON.stringify(event))]
}
