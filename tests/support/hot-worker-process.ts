import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const SCRIPT = fileURLToPath(new URL("hot-worker.ts", import.meta.url))

export interface WorkerPlan {
  readonly url: string
  readonly redisUrl: string
  readonly idleMs: number
}

export class WorkerProcess {
  readonly #child: ChildProcess

  static async start(plan: WorkerPlan): Promise<WorkerProcess> {
    const child = fork(SCRIPT, [JSON.stringify(plan)], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
    const [message] = await Promise.race([once(child, "message"), once(child, "exit")])
    if (message !== "ready") throw new Error(`the worker ended with ${String(message)}`)
    return new WorkerProcess(child)
  }

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** kill -9 */
  async kill(): Promise<void> {
    const ended = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await ended
  }
}
