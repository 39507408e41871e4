/** The sinks that are configured: where a worker hands events to. */
import type { Config } from "../config/read-config.ts"
import type { Sink } from "../engine/sink.ts"
import { openStreamSink } from "../redis/stream-sink.ts"

/** None of them has to be reachable now. The caller closes them. */
export async function openConfiguredSinks(config: Config): Promise<readonly Sink[]> {
  const sinks: Sink[] = []
  if (config.kafka !== null) {
    // Its client is loaded only where it is used.
    const { openKafkaSink } = await import("../events/kafka/kafka-sink.ts")
    sinks.push(openKafkaSink({ ...config.kafka, topic: config.kafkaTopic }))
  }
  if (config.eventStreamUrl !== null) {
    const { eventStreamUrl: url, eventStreamKey: key, eventStreamMax: entriesMax } = config
    sinks.push(await openStreamSink({ url, key, entriesMax }))
  }
  return sinks
}
