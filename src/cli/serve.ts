import { readConfig } from "../config/read-config.ts"
import { isRunByNpm } from "../config/run-by-npm.ts"
import { pendingMigrations } from "../postgres/migrate.ts"
import { createLogger } from "../telemetry/log.ts"
import type { CommandDefinition } from "./command.ts"
import { findDatabaseUrl } from "./database.ts"
import { runUntilStopped } from "./lifetime.ts"
import { openLoops } from "./loops.ts"
import { seedWhenEmpty } from "./seed-catalogue.ts"
import { openBackend, openHttp } from "./service.ts"

export const serveCommand: CommandDefinition = {
  name: "serve",
  summary: "serve the API over a database that is there",
  description:
    "Serves the API, with the loops that tidy in the same process unless EARMARK_SWEEP_INTERVAL_MS=0. Does not migrate: " +
    'until "earmark migrate" has run, /readyz says so. When it listens, it prints one line with the url.',
  json: "print { url } as JSON when it listens",
  examples: [
    { line: "HOST=0.0.0.0 earmark serve", meaning: "on every address of the machine" },
    { line: "EARMARK_SWEEP_INTERVAL_MS=0 earmark serve", meaning: 'beside an "earmark worker"' },
  ],
  run(context, { json = false }) {
    const config = readConfig(context.environment)
    const logger = createLogger(config.logLevel)
    return runUntilStopped({
      say: context.say,
      stopWithParent: isRunByNpm(context.environment),
      onFault: (error) => logger.fatal({ err: error }, "stopping: nobody caught this error"),
      async open(lifetime) {
        const service = { config, databaseUrl: await findDatabaseUrl(config), logger, lifetime }
        let pending = 0
        const backend = await openBackend(service, async (pool) => {
          pending = (await pendingMigrations(pool, config)).length
        })
        if (pending > 0) context.say(`${pending} migrations are not applied: run "earmark migrate"`)
        else if (config.demo ?? false) await seedWhenEmpty(backend.engine, context.say)
        lifetime.stopping.throwIfAborted()
        await openLoops(service, backend)
        const url = await openHttp(service, backend)
        context.print(json ? JSON.stringify({ url }) : `Earmark listens on ${url}`)
      },
    })
  },
}
