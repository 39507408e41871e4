/** Three brokers that librdkafka plays inside kcat, and another kcat that reads what comes: neither knows our client. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { StartError } from "../../index.ts"
import { LineFile } from "./line-file.ts"
import type { Receiver } from "./receiver.ts"

const TOPIC = "bench"

export async function startKafkaReceiver(): Promise<Receiver> {
  const folder = await mkdtemp(join(tmpdir(), "earmark-bench-kafka-"))
  const told = new LineFile(join(folder, "told"))
  const file = await open(told.path, "w")
  const { brokers, cluster } = await startCluster()
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

/** It lives as long as the standard input of its kcat stays open. */
async function startCluster(): Promise<{ brokers: string; cluster: ChildProcess }> {
  const words = ["-b", "mock:1", "-P", "-t", TOPIC, "-X", "test.mock.num.brokers=3", "-d", "mock"]
  const cluster = spawn("kcat", words, { stdio: ["pipe", "ignore", "pipe"] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ""
  const hear = (text: string) => {
    said += text
    const [, brokers] = /bootstrap\.servers=(\S+)\n/.exec(said) ?? []
    if (brokers === undefined || !said.includes(`Created topic "${TOPIC}"`)) return
    cluster.stderr?.off("data", hear)
    // It goes on saying what it does, and would stop if nobody read that.
    cluster.stderr?.resume()
    resolve(brokers)
  }
  cluster.stderr?.setEncoding("utf8").on("data", hear)
  cluster.once("error", () =>
    reject(new StartError("the contender kafka needs kcat (1.7 or newer) in the PATH")),
  )
  cluster.once("exit", (code) => reject(new Error(`kcat ended with ${code}: ${said}`)))
  return { brokers: await promise, cluster }
}
