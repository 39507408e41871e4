import { readConfig } from "../config/read-config.ts"
import { keepPeriods } from "../postgres/periods/keep-periods.ts"
import { listPeriods, type Period } from "../postgres/periods/periods.ts"
import { type CliContext, type CommandDefinition, type CommandOptions, EXIT_OK } from "./command.ts"
import { withPool } from "./database.ts"
import { requireMigrated } from "./readiness.ts"
import { table } from "./table.ts"

interface Options extends CommandOptions {
  readonly keep?: boolean
}

export const periodsCommand: CommandDefinition<Options> = {
  name: "periods",
  summary: "show the periods of the books, or keep them in order now",
  description:
    "Shows the periods in which reservations, keys and journal are kept, with what they take on disk. The worker adds " +
    "periods ahead of time, closes the books of those that are over, and drops what is older than " +
    "EARMARK_RETENTION_DAYS; --keep does that once, now.",
  json: "print { steps, periods } as JSON",
  options: [
    { flags: "--keep", description: "first take the steps that are due, as the worker does every hour" },
  ],
  examples: [
    { line: "earmark periods", meaning: "a line for each period" },
    { line: "EARMARK_RETENTION_DAYS=90 earmark periods --keep", meaning: "drop now what is older than that" },
  ],
  run(context, { json = false, keep = false }) {
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      await requireMigrated(pool, config)
      const retentionDays = config.retentionDays === 0 ? null : config.retentionDays
      const steps = keep ? await keepPeriods(pool, { ...config, retentionDays }) : []
      for (const { step, period } of steps) context.say(`period ${period}: ${step}`)
      const periods = await listPeriods(pool, config)
      if (json) context.print(JSON.stringify({ steps, periods }, null, 2))
      else showPeriods(context, periods)
      return EXIT_OK
    })
  },
}

function showPeriods(context: CliContext, periods: readonly Period[]): void {
  const head = ["period", "from", "to", "books", "reservations", "keys", "journal"]
  const rows = periods.map((period) => [
    String(period.id),
    dayOf(period.startsAt),
    dayOf(period.endsAt),
    booksOf(period),
    mebibytes(period.reservationBytes),
    mebibytes(period.keyBytes),
    mebibytes(period.journalBytes),
  ])
  context.print(table(head, rows))
}

function booksOf({ openedAt, closedAt }: Period): string {
  if (openedAt === null) return "to come"
  return closedAt === null ? `open since ${dayOf(openedAt)}` : `closed ${dayOf(closedAt)}`
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
