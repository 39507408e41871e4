/** Brokers of Kafka that librdkafka plays inside kcat. */
import { type ChildProcess, spawn } from "node:child_process"
import { StartError } from "../../index.ts"

const BROKERS = 3

export interface KcatCluster {
  /** `host:port`, with commas between. */
  readonly brokers: string
  /** It lives as long as its standard input stays open. */
  readonly process: ChildProcess
}

/** Has the topic, with four partitions. */
export async function startKcatCluster(topic: string): Promise<KcatCluster> {
  const words = ["-b", "mock:1", "-P", "-t", topic, "-X", `test.mock.num.brokers=${BROKERS}`, "-d", "mock"]
  const cluster = spawn("kcat", words, { stdio: ["pipe", "ignore", "pipe"] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ""
  const hear = (text: string) => {
    said += text
    const [, brokers] = /bootstrap\.servers=(\S+)\n/.exec(said) ?? []
    if (brokers === undefined || !said.includes(`Created topic "${topic}"`)) return
    cluster.stderr?.off("data", hear)
    // It goes on saying what it does, and would stop if nobody read that.
    cluster.stderr?.resume()
    resolve(brokers)
  }
  cluster.stderr?.setEncoding("utf8").on("data", hear)
  cluster.once("error", () => reject(new StartError("this needs kcat (1.7 or newer) in the PATH")))
  cluster.once("exit", (code) => reject(new Error(`kcat ended with ${code}: ${said}`)))
  return { brokers: await promise, process: cluster }
}
