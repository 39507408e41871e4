/** The process that makes the load, seen from outside. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { decodeFromCompressedBase64 } from "hdr-histogram-js"
import type { Timed } from "../load/closed-loop.ts"
import type { LoadOrder, LoadReply } from "./load-order.ts"
import { programPath } from "./program-path.ts"

export interface TimedWithCpu extends Timed {
  /** Of the process that made the load. */
  readonly cpuSeconds: number
}

export class LoadGenerator {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor() {
    this.#child = fork(programPath("./load-process"), {
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    })
    this.#ended = once(this.#child, "exit")
  }

  /** One order at a time. Throws when any answer was not the one that was asked for. */
  async put(order: LoadOrder): Promise<TimedWithCpu> {
    this.#child.send(order)
    const replied = once(this.#child, "message").then(([reply]) => reply as LoadReply)
    const gone = this.#ended.then(() => ({ failure: "the process that makes the load has ended" }))
    const reply = await Promise.race([replied, gone])
    if ("failure" in reply) throw new Error(reply.failure)
    return { ...reply, latencies: decodeFromCompressedBase64(reply.latencies) }
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }
}
