import { readConfig } from "../config/read-config.ts"
import { isRunByNpm } from "../config/run-by-npm.ts"
import { StartError } from "../core/errors.ts"
import { createLogger } from "../telemetry/log.ts"
import type { CommandDefinition } from "./command.ts"
import { findDatabaseUrl } from "./database.ts"
import { runUntilStopped } from "./lifetime.ts"
import { openLoops } from "./loops.ts"
import { requireMigrated } from "./readiness.ts"
import { openBackend } from "./service.ts"

export const workerCommand: CommandDefinition = {
  name: "worker",
  summary: "run only the loops that tidy",
  description:
    "Records the end of holds whose deadline has passed, and keeps the periods of the books: adds, closes, and drops " +
    "what is older than EARMARK_RETENTION_DAYS. Hands events on to Kafka, to a Redis stream and to webhooks. Serves " +
    "nothing. Any number may run at once, and none has to: the units of an overdue hold can be reserved from its " +
    "deadline on all the same, and events wait.",
  json: "print { loops: [name] } as JSON when they run",
  examples: [{ line: "EARMARK_SWEEP_INTERVAL_MS=200 earmark worker", meaning: "tidy five times a second" }],
  run(context, { json = false }) {
    const config = readConfig(context.environment)
    if (config.sweepIntervalMs === 0) {
      throw new StartError("EARMARK_SWEEP_INTERVAL_MS is 0, which leaves a worker nothing to do")
    }
    const logger = createLogger(config.logLevel)
    return runUntilStopped({
      say: context.say,
      stopWithParent: isRunByNpm(context.environment),
      onFault: (error) => logger.fatal({ err: error }, "stopping: nobody caught this error"),
      async open(lifetime) {
        const service = { config, databaseUrl: await findDatabaseUrl(config), logger, lifetime }
        const backend = await openBackend(service, (pool) => requireMigrated(pool, config))
        const loops = await openLoops(service, backend)
        if (json) context.print(JSON.stringify({ loops }))
        else context.say(`the loops run: ${loops.join(", ")}`)
      },
    })
  },
}
