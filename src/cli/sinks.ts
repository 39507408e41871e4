/** The sinks that are configured: where a worker hands events to. */
import type { Config } from "../config/read-config.ts"
import type { Sink } from "../engine/sink.ts"

/** None of them has to be reachable now. The caller closes them. */
export async function openConfiguredSinks(config: Config): Promise<readonly Sink[]> {
  const sinks: Sink[] = []
  if (config.kafka !== null) {
    // Its client is loaded only where it is used.
    const { openKafkaSink } = await import("../events/kafka/kafka-sink.ts")
    sinks.push(openKafkaSink({ ...config.kafka, topic: config.kafkaTopic }))
  }
  return sinks
}
