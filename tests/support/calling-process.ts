/**
 * An engine in a process of its own. It gets its plan as JSON in its argument, says "ready", waits for "go", sends
 * every answer as soon as it has it, and ends.
 */
import { createEngine, type StrategyName } from "../../src/index.ts"
import { type Answer, answer, type Call } from "./calls.ts"

export interface CallingPlan {
  readonly url: string
  readonly strategy: StrategyName
  /** For the strategy `redis`. */
  readonly redisUrl?: string
  readonly calls: readonly Call[]
  /** Calls under way at once; all of them if not given. */
  readonly atOnce?: number
}

export type CallingMessage = "ready" | "done" | { readonly index: number; readonly answer: Answer }

const plan = JSON.parse(process.argv[2] ?? "") as CallingPlan
const say = (message: CallingMessage) => process.send?.(message)
const { url, strategy, redisUrl } = plan
const engine = await createEngine({ databaseUrl: url, strategy, redisUrl, migrate: false })
let next = 0

async function callOnAndOn(): Promise<void> {
  for (; next < plan.calls.length; ) {
    const index = next
    next += 1
    const call = plan.calls[index]
    if (call) say({ index, answer: await answer(engine, call) })
  }
}

process.once("message", () => {
  const callers = Math.min(plan.atOnce ?? plan.calls.length, plan.calls.length)
  void Promise.all(Array.from({ length: callers }, callOnAndOn)).then(async () => {
    await engine.close()
    say("done")
    process.disconnect()
  })
})
say("ready")
