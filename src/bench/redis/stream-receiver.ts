import { createClient } from "redis"
import type { Receiver } from "../events/receiver.ts"
import { startRedis } from "./redis-server.ts"

const KEY = "bench:events"
const PAGE = 1000
/** More than all rounds hand on. */
const ENTRIES_MAX = 100_000_000

/** A stream in a Redis of its own. */
export async function startStreamReceiver(): Promise<Receiver> {
  const redis = await startRedis()
  const client = createClient({ url: redis.url })
  await client.connect()
  return {
    settings: {
      EARMARK_EVENT_STREAM_URL: redis.url,
      EARMARK_EVENT_STREAM_KEY: KEY,
      EARMARK_EVENT_STREAM_MAX: String(ENTRIES_MAX),
    },
    hearsThePast: true,
    told: () => client.xLen(KEY),
    async *read(from) {
      let passed = 0
      let start = "-"
      for (;;) {
        const entries = (await client.xRange(KEY, start, "+", { COUNT: PAGE })) ?? []
        for (const { message } of entries) if (++passed > from) yield message["event"] ?? ""
        const last = entries.at(-1)
        if (!last) return
        start = `(${last.id}`
      }
    },
    async stop() {
      client.destroy()
      await redis.stop()
    },
  }
}
