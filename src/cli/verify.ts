import { readConfig } from "../config/read-config.ts"
import { SILENT_OBSERVER } from "../engine/ports.ts"
import { recordVerification } from "../postgres/verifications.ts"
import { type LawReport, verify } from "../postgres/verify.ts"
import {
  type CliContext,
  type CommandDefinition,
  type CommandOptions,
  EXIT_FAILED,
  EXIT_OK,
} from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"
import { verifyRedis } from "./verify-redis.ts"
import { readVersion } from "./version.ts"

/** What the expiry loop may need beyond its pause before a law counts as broken: a pass under load. */
const SWEEP_SLACK_SECONDS = 2

interface Options extends CommandOptions {
  readonly record?: boolean
}

export const verifyCommand: CommandDefinition<Options> = {
  name: "verify",
  summary: "check the laws of the books against the database",
  description:
    "Checks over one snapshot of the database that its stock, reservations and journal agree with each other; with " +
    "REDIS_URL set also that Redis has of every hot stock level what Postgres has allotted to it, and says which shard " +
    "and level disagree. Exits with 1 when a law is broken, or Redis cannot be asked, and shows offending rows. Reads " +
    "only, but for the result, which is recorded for the console (the last 100 of them); may run beside the service.",
  options: [{ flags: "--no-record", description: "do not record the result: for a role that may only read" }],
  json: "print [{ id, law, holds, rows }] as JSON",
  examples: [
    { line: "earmark verify", meaning: "a line for each law" },
    { line: "earmark verify --json | jq '.[] | select(.holds | not)'", meaning: "only what is broken" },
  ],
  run(context, { json = false, record = true }) {
    const config = readConfig(context.environment)
    // Told to run no loop, we do not know how often another process does, or whether one does.
    const overdue = config.sweepIntervalMs > 0 && {
      overdueSecondsMax: config.sweepIntervalMs / 1000 + SWEEP_SLACK_SECONDS,
    }
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      context.say(`checking the laws over the schema ${config.schema}`)
      const progress = (done: number, all: number) => context.showProgress(`${done} of ${all} laws checked`)
      const begunMs = performance.now()
      const reports = [...(await verify(pool, { schema: config.schema, ...overdue, progress }))]
      if (config.redisUrl !== null) reports.push(await verifyRedis(pool, config.schema, config.redisUrl))
      if (record) {
        await recordVerification(
          { pool, schema: config.schema, observer: SILENT_OBSERVER },
          {
            durationMs: performance.now() - begunMs,
            version: readVersion(),
          },
          reports,
        ).catch((error: unknown) => {
          // The verdict is about the books, and this is not one of them.
          context.say(`the result could not be recorded (--no-record leaves it): ${reasonOf(error)}`)
        })
      }
      if (json) context.print(JSON.stringify(reports, null, 2))
      else showReports(context, reports)
      return reports.every(({ holds }) => holds) ? EXIT_OK : EXIT_FAILED
    })
  },
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function showReports(context: CliContext, reports: readonly LawReport[]): void {
  const rows = reports.map(({ id, law, holds }) => [holds ? "pass" : "FAIL", id, law])
  const { green, red } = context.colors
  context.say(table(["", "law", ""], rows).replace(/^pass/gm, green).replace(/^FAIL/gm, red))
  const broken = reports.filter(({ holds }) => !holds)
  for (const { id, law, rows: offending } of broken) {
    context.say(`\n${id} is broken: ${law}`)
    for (const row of offending) context.say(`  ${JSON.stringify(row)}`)
  }
  context.say(
    broken.length === 0 ? "every law holds" : `\n${broken.length} of ${reports.length} laws are broken`,
  )
}
