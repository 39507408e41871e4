import { readConfig } from "../config/read-config.ts"
import { type LawReport, verify } from "../postgres/verify.ts"
import { type CliContext, type CommandDefinition, EXIT_FAILED, EXIT_OK } from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"
import { verifyRedis } from "./verify-redis.ts"

/** What the expiry loop may need beyond its pause before a law counts as broken: a pass under load. */
const SWEEP_SLACK_SECONDS = 2

export const verifyCommand: CommandDefinition = {
  name: "verify",
  summary: "check the laws of the books against the database",
  description:
    "Checks over one snapshot of the database that its stock, reservations and journal agree with each other; with " +
    "REDIS_URL set also that Redis has of every hot stock level what Postgres has allotted to it, and says which shard " +
    "and level disagree. Exits with 1 when a law is broken, or Redis cannot be asked, and shows offending rows. Reads " +
    "only, and may run beside the service.",
  json: "print [{ id, law, holds, rows }] as JSON",
  examples: [
    { line: "earmark verify", meaning: "a line for each law" },
    { line: "earmark verify --json | jq '.[] | select(.holds | not)'", meaning: "only what is broken" },
  ],
  run(context, { json = false }) {
    const config = readConfig(context.environment)
    // Told to run no loop, we do not know how often another process does, or whether one does.
    const overdue = config.sweepIntervalMs > 0 && {
      overdueSecondsMax: config.sweepIntervalMs / 1000 + SWEEP_SLACK_SECONDS,
    }
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      context.say(`checking the laws over the schema ${config.schema}`)
      const progress = (done: number, all: number) => context.showProgress(`${done} of ${all} laws checked`)
      const reports = [...(await verify(pool, { schema: config.schema, ...overdue, progress }))]
      if (config.redisUrl !== null) reports.push(await verifyRedis(pool, config.schema, config.redisUrl))
      if (json) context.print(JSON.stringify(reports, null, 2))
      else showReports(context, reports)
      return reports.every(({ holds }) => holds) ? EXIT_OK : EXIT_FAILED
    })
  },
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
