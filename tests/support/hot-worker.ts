/** A worker of the hot path in a process of its own; its plan comes as JSON in its argument. It works until it is killed. */

import { setTimeout as pause } from "node:timers/promises"
import { openEngineParts } from "../../src/library/open-engine.ts"
import type { WorkerPlan } from "./hot-worker-process.ts"

const plan = JSON.parse(process.argv[2] ?? "") as WorkerPlan
const { hotPath } = await openEngineParts({
  databaseUrl: plan.url,
  strategy: "redis",
  redisUrl: plan.redisUrl,
  migrate: false,
})
if (hotPath === null) throw new Error("there is no hot path")
const workers = hotPath.workers({ consumer: `p-${process.pid}`, idleMs: plan.idleMs })
process.send?.("ready")
for (;;) {
  await Promise.all(workers.map((worker) => worker.pass().catch(() => {})))
  await pause(1)
}
