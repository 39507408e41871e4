import { expect, test } from "vitest"
import { readConfig } from "../config/read-config.ts"
import { openConfiguredSinks } from "./sinks.ts"

/** Nobody listens there. */
const NOWHERE = "127.0.0.1:1"

test("the sinks are those that are configured, whether or not they can be reached", async () => {
  expect(await openConfiguredSinks(readConfig({}))).toEqual([])
  const sinks = await openConfiguredSinks(
    readConfig({ EARMARK_KAFKA_URL: `kafka://${NOWHERE}`, EARMARK_EVENT_STREAM_URL: `redis://${NOWHERE}` }),
  )
  expect(sinks.map(({ name }) => name)).toEqual(["kafka", "redis-stream"])
  for (const sink of sinks) await sink.close()
})
