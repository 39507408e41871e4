import { type Config, readConfig } from "../config/read-config.ts"
import { isRunByNpm } from "../config/run-by-npm.ts"
import { migrate } from "../postgres/migrate.ts"
import { startPrivatePostgres } from "../postgres/private/private-postgres.ts"
import { createLogger } from "../telemetry/log.ts"
import type { CliContext, CommandDefinition } from "./command.ts"
import { type Lifetime, runUntilStopped } from "./lifetime.ts"
import { openLoops } from "./loops.ts"
import { seedWhenEmpty } from "./seed-catalogue.ts"
import { openBackend, openHttp } from "./service.ts"

export const startCommand: CommandDefinition = {
  name: "start",
  summary: "run everything: database, API and worker",
  description:
    "Starts a private Postgres when DATABASE_URL is not set, migrates, fills an empty database with the demo " +
    "catalogue (unless EARMARK_DEMO=0), and serves the API with the loops that tidy in the same process. " +
    "When it listens, it prints one line with the url. Ctrl-C stops all of it and leaves the data.",
  json: "print { url } as JSON when it listens",
  examples: [
    { line: "npm start", meaning: "on a fresh clone, with nothing set up" },
    { line: "PORT=0 earmark start --json", meaning: "on a free port, for a script" },
    { line: "DATABASE_URL=postgres://... earmark start", meaning: "over a Postgres of yours" },
  ],
  run(context, { json = false }) {
    const config = readConfig(context.environment)
    const logger = createLogger(config.logLevel)
    return runUntilStopped({
      say: context.say,
      stopWithParent: isRunByNpm(context.environment),
      onFault: (error) => logger.fatal({ err: error }, "stopping: nobody caught this error"),
      async open(lifetime) {
        const databaseUrl = config.databaseUrl ?? (await openPrivatePostgres(context, config, lifetime))
        const theatre = config.theatre ?? true
        const service = { config: { ...config, theatre }, databaseUrl, logger, lifetime }
        const backend = await openBackend(service, async (pool) => {
          lifetime.stopping.throwIfAborted()
          for (const name of await migrate(pool, config)) context.say(`applied migration ${name}`)
        })
        if (config.demo ?? true) await seedWhenEmpty(backend.engine, context.say)
        lifetime.stopping.throwIfAborted()
        await openLoops(service, backend)
        const url = await openHttp(service, backend)
        context.print(json ? JSON.stringify({ url }) : `Earmark listens on ${url}`)
        context.say(`the API is described at ${url}/docs; Ctrl-C stops everything and leaves the data`)
      },
    })
  },
}

async function openPrivatePostgres(
  { say }: CliContext,
  { dataDir }: Config,
  lifetime: Lifetime,
): Promise<string> {
  say(`starting the private Postgres in ${dataDir}`)
  const postgres = await startPrivatePostgres({ dataDir, log: say })
  lifetime.onClose(() => postgres.stop())
  lifetime.onForcedExit(() => postgres.stopNow())
  if (postgres.adopted) say("took over the Postgres that an earlier run left behind")
  lifetime.stopping.throwIfAborted()
  return postgres.url
}
