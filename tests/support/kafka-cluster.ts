/** Three brokers of Kafka that librdkafka plays inside kcat, read back with another kcat: neither knows our client. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { promisify } from "node:util"
import { onTestFinished } from "vitest"

const run = promisify(execFile)

const BROKERS = 3
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

  /** Has the topic, with four partitions. It lives as long as the standard input of its kcat stays open. */
  static async forTest(topic: string): Promise<KafkaCluster> {
    const words = ["-b", "mock:1", "-P", "-t", topic, "-X", `test.mock.num.brokers=${BROKERS}`, "-d", "mock"]
    const child = spawn("kcat", words, { stdio: ["pipe", "ignore", "pipe"] })
    const brokers = await toldBrokers(child, topic)
    const cluster = new KafkaCluster(child, brokers)
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

/** It says where it listens, and then each request: whoever does not read on would stop it. */
async function toldBrokers(child: ChildProcess, topic: string): Promise<Broker[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Broker[]>()
  let said = ""
  const hear = (text: string) => {
    said += text
    const [, list] = /bootstrap\.servers=(\S+)\n/.exec(said) ?? []
    if (list === undefined || !said.includes(`Created topic "${topic}"`)) return
    child.stderr?.off("data", hear)
    child.stderr?.resume()
    resolve(list.split(",").map(toBroker))
  }
  child.stderr?.setEncoding("utf8").on("data", hear)
  child.once("error", reject)
  child.once("exit", (code) => reject(new Error(`kcat ended with ${code}: ${said}`)))
  return promise
}

function toBroker(text: string): Broker {
  const [host = "", port] = text.split(":")
  return { host, port: Number(port) }
}
