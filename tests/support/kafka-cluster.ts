/** Three brokers of Kafka that librdkafka plays inside kcat, read back with another kcat: neither knows our client. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { promisify } from "node:util"
import { onTestFinished } from "vitest"
import { startKcatCluster } from "../../src/bench/events/kcat-cluster.ts"

const run = promisify(execFile)

const OUTPUT_BYTES_MAX = 256 * 1024 * 1024

export interface Broker {
  readonly host: string
  readonly port: number
}

export interface KafkaRecord {
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly headers: readonly string[]
  /** The record's value. */
  readonly payload: string
}

export class KafkaCluster {
  readonly brokers: readonly Broker[]
  readonly #child: ChildProcess

  /** Has the topic, with four partitions. */
  static async forTest(topic: string): Promise<KafkaCluster> {
    const { brokers, process: child } = await startKcatCluster(topic)
    const cluster = new KafkaCluster(child, brokers.split(",").map(toBroker))
    onTestFinished(() => cluster.stop())
    return cluster
  }

  private constructor(child: ChildProcess, brokers: readonly Broker[]) {
    this.#child = child
    this.brokers = brokers
  }

  /** Everything that the topic has: of each partition in order. */
  async read(topic: string): Promise<KafkaRecord[]> {
    const words = ["-C", "-b", this.#bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-J"]
    const { stdout } = await run("kcat", words, { maxBuffer: OUTPUT_BYTES_MAX })
    const lines = stdout.split("\n").filter((line) => line !== "")
    return lines.map((line) => JSON.parse(line) as KafkaRecord)
  }

  /** Sends records as clients of the JVM would: each key where murmur2 puts it. */
  async produce(
    topic: string,
    records: readonly { readonly key: string; readonly value: string }[],
  ): Promise<void> {
    const words = ["-P", "-b", this.#bootstrap, "-t", topic, "-K", "\t", "-X", "topic.partitioner=murmur2"]
    const child = spawn("kcat", words, { stdio: ["pipe", "ignore", "inherit"] })
    child.stdin.end(records.map(({ key, value }) => `${key}\t${value}\n`).join(""))
    const [code] = await once(child, "exit")
    if (code !== 0) throw new Error(`kcat ended with ${code}`)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await ended
  }

  get #bootstrap(): string {
    return this.brokers.map(({ host, port }) => `${host}:${port}`).join(",")
  }
}

function toBroker(text: string): Broker {
  const [host = "", port] = text.split(":")
  return { host, port: Number(port) }
}
