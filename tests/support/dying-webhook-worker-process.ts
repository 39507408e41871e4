import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const SCRIPT = fileURLToPath(new URL("dying-webhook-worker.ts", import.meta.url))

export const DELIVERY_STEPS = ["claimed", "owed", "sending", "answered", "recording", "recorded"] as const
export type DeliveryStep = (typeof DELIVERY_STEPS)[number]

export interface WebhookWorkerPlan {
  readonly url: string
  /** Where it dies. */
  readonly step: DeliveryStep
  /** How often it comes there before. */
  readonly spared: number
}

/** @returns the signal that ended it */
export async function runWebhookWorker(plan: WebhookWorkerPlan): Promise<NodeJS.Signals | null> {
  const child = fork(SCRIPT, [JSON.stringify(plan)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const [exitCode, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
  if (signal === null) throw new Error(`the worker ended with ${exitCode}`)
  return signal
}
