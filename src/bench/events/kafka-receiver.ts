/** A cluster of kcat's, and another kcat that reads what comes: neither knows our client. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startKcatCluster } from "./kcat-cluster.ts"
import { LineFile } from "./line-file.ts"
import type { Receiver } from "./receiver.ts"

const TOPIC = "bench"

export async function startKafkaReceiver(): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-bench-kafka-"))
  const told = new LineFile(join(folder, "told"))
  const file = await open(told.path, "w")
  const { brokers, process: cluster } = await startKcatCluster(TOPIC)
  // The brokers forget what is old, so it is read as it comes; to a file, where nobody here is woken by it.
  const words = ["-C", "-u", "-q", "-b", brokers, "-t", TOPIC, "-o", "beginning"]
  const reader = spawn("kcat", words, { stdio: ["ignore", file.fd, "ignore"] })
  const kill = () => {
    reader.kill("SIGKILL")
    cluster.kill("SIGKILL")
  }
  process.once("exit", kill)
  return {
    settings: { EARMARK_KAFKA_URL: `kafka://${brokers}`, EARMARK_KAFKA_TOPIC: TOPIC },
    hearsThePast: true,
    told: () => told.count(),
    read: (from) => told.linesFrom(from),
    async stop() {
      const ended = Promise.all([once(reader, "exit"), once(cluster, "exit")])
      kill()
      process.off("exit", kill)
      await ended
      await file.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
