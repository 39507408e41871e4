/** A sink that keeps the ids of events in a file, which outlives the process that wrote it. */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import type { EarmarkEvent } from "../../src/core/events/event.ts"
import type { Sink } from "../../src/engine/sink.ts"

export function openFileSink(name: string, path: string): Sink {
  return {
    name,
    async deliver(events) {
      for (const event of events) appendFileSync(path, `${event.id}\n`)
      return []
    },
    close: async () => {},
  }
}

/** Every delivery, in order. */
export function readFileSink(path: string): EarmarkEvent["id"][] {
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []
}
