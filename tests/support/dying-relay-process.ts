import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const SCRIPT = fileURLToPath(new URL("dying-relay.ts", import.meta.url))

export const RELAY_STEPS = ["claimed", "read", "half sent", "sent", "moving", "moved"] as const
export type RelayStep = (typeof RELAY_STEPS)[number]

export interface RelayPlan {
  readonly url: string
  readonly sink: string
  /** Of the file that the sink writes. */
  readonly path: string
  readonly pageMax: number
  /** Where it dies; null: nowhere. */
  readonly step: RelayStep | null
}

/** @returns the signal that ended it, or null when it came to its end */
export async function runRelay(plan: RelayPlan): Promise<NodeJS.Signals | null> {
  const child = fork(SCRIPT, [JSON.stringify(plan)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const [exitCode, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null]
  if (signal === null && exitCode !== 0) throw new Error(`the relay ended with ${exitCode}`)
  return signal
}
