/**
 * A worker that takes overdue holds back, in a thread of its own: like `earmark worker`, which is a process of its own,
 * it has an event loop, an engine and connections that the requests do not share.
 */
import { setTimeout as pause } from "node:timers/promises"
import { parentPort, threadName, Worker, workerData } from "node:worker_threads"
import { createEngine } from "../index.ts"

/** After a pass that ends fewer than these, the worker pauses. */
const SWEEP_MORE = 1000
const PAUSE_MS = 1000
/** This file is what the thread runs, too. */
const THREAD_NAME = "earmark sweeper"

interface SweeperOptions {
  readonly databaseUrl: string
  readonly schema: string
  readonly poolSize: number
}

export interface Sweeper {
  /** Sweeps until so many holds have been ended; resolves with the seconds that it took. */
  sweep(holds: number): Promise<number>
  stop(): Promise<void>
}

type Message = { readonly ready: true } | { readonly tookSeconds: number }

export async function startSweeper(options: SweeperOptions): Promise<Sweeper> {
  const worker = new Worker(new URL(import.meta.url), { name: THREAD_NAME, workerData: options })
  const nextMessage = () =>
    new Promise<Message>((resolve, reject) => {
      worker.once("message", resolve)
      worker.once("error", reject)
      worker.once("exit", () => reject(new Error("the sweeper has stopped")))
    })
  await nextMessage()
  return {
    async sweep(holds) {
      worker.postMessage(holds)
      const message = await nextMessage()
      return "tookSeconds" in message ? message.tookSeconds : Number.NaN
    },
    async stop() {
      await worker.terminate()
    },
  }
}

async function work(port: NonNullable<typeof parentPort>): Promise<void> {
  const engine = await createEngine({ ...(workerData as SweeperOptions), migrate: false })
  port.on("message", (holds: number) => {
    // A failure ends the thread, which fails the sweep that waits for it.
    void sweepUntil(holds).then((tookSeconds) => port.postMessage({ tookSeconds } satisfies Message))
  })
  port.postMessage({ ready: true } satisfies Message)
  async function sweepUntil(holds: number): Promise<number> {
    const startedMs = performance.now()
    for (let ended = 0; ended < holds; ) {
      const inPass = await engine.sweep()
      ended += inPass
      // Nobody else ends any: whatever is missing was ended without being counted.
      if (inPass === 0) throw new Error(`${holds - ended} of ${holds} holds were not there to be ended`)
      if (ended < holds && inPass < SWEEP_MORE) await pause(PAUSE_MS)
    }
    return (performance.now() - startedMs) / 1000
  }
}

if (threadName === THREAD_NAME && parentPort !== null) await work(parentPort)
