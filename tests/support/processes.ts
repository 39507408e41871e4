import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { CallingMessage, CallingPlan } from "./calling-process.ts"
import type { Answer } from "./calls.ts"

const SCRIPT = fileURLToPath(new URL("calling-process.ts", import.meta.url))

/** A process with an engine of its own that makes calls. */
export class CallingProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #calls: number
  #answered: () => void = () => {}
  /** The answers that have come so far, by the index of the call. */
  readonly answers = new Map<number, Answer>()

  /** Resolves when the process stands ready to call. */
  static async start(plan: CallingPlan): Promise<CallingProcess> {
    const child = fork(SCRIPT, [JSON.stringify(plan)], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    })
    const calling = new CallingProcess(child, plan.calls.length)
    const [message] = await Promise.race([once(child, "message"), once(child, "exit")])
    if (message !== "ready") throw new Error(`the calling process ended with ${String(message)}`)
    child.on("message", (said) => calling.#hear(said as CallingMessage))
    return calling
  }

  private constructor(child: ChildProcess, calls: number) {
    this.#child = child
    this.#calls = calls
    this.#ended = once(child, "exit")
  }

  go(): void {
    this.#child.send("go")
  }

  /** Resolves when that many answers have come. */
  async untilAnswered(count: number): Promise<void> {
    while (this.answers.size < count) {
      await new Promise<void>((resolve) => {
        this.#answered = resolve
      })
    }
  }

  /** Lets it call to its end; every answer, in the order of the calls. */
  async finish(): Promise<Answer[]> {
    await this.#ended
    if (this.answers.size < this.#calls)
      throw new Error(`only ${this.answers.size} of ${this.#calls} answers came`)
    return [...this.answers].sort(([a], [b]) => a - b).map(([, answer]) => answer)
  }

  /** kill -9 */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.#ended
  }

  #hear(message: CallingMessage): void {
    if (typeof message !== "object") return
    this.answers.set(message.index, message.answer)
    this.#answered()
  }
}

/** Makes the calls of every plan at once, each in a process of its own. */
export async function callFromProcesses(plans: readonly CallingPlan[]): Promise<Answer[][]> {
  const processes = await Promise.all(plans.map((plan) => CallingProcess.start(plan)))
  for (const calling of processes) calling.go()
  return Promise.all(processes.map((calling) => calling.finish()))
}
