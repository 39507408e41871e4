import { readConfig } from "../config/read-config.ts"
import { migrate, pendingMigrations } from "../postgres/migrate.ts"
import { type CliContext, type CommandDefinition, type CommandOptions, EXIT_OK } from "./command.ts"
import { withPool } from "./database.ts"

interface MigrateOptions extends CommandOptions {
  readonly print?: boolean
}

export const migrateCommand: CommandDefinition<MigrateOptions> = {
  name: "migrate",
  summary: "bring the database to this version",
  description:
    "Applies the migrations that the database does not have yet, all or none of them, and prints their names. " +
    "Safe to run at any time, and by any number of processes at once.",
  json: "print { applied: [name] } as JSON; with --print { pending: [{ name, sql }] }",
  options: [{ flags: "--print", description: "change nothing; print the SQL that would be run" }],
  examples: [
    { line: "earmark migrate", meaning: "apply what is missing" },
    { line: "earmark migrate --print > pending.sql", meaning: "read it first" },
  ],
  run(context, { json = false, print = false }) {
    const config = readConfig(context.environment)
    return withPool(config, async (pool) => {
      if (print) printPending(context, await pendingMigrations(pool, config), json)
      else printApplied(context, await migrate(pool, config), json)
      return EXIT_OK
    })
  },
}

function printPending(
  context: CliContext,
  pending: readonly { readonly name: string; readonly sql: string }[],
  json: boolean,
): void {
  if (json)
    context.print(JSON.stringify({ pending: pending.map(({ name, sql }) => ({ name, sql })) }, null, 2))
  else if (pending.length === 0) context.say("the database is up to date")
  else context.print(pending.map(({ name, sql }) => `-- ${name}\n${sql.trim()}\n`).join("\n"))
}

function printApplied(context: CliContext, applied: readonly string[], json: boolean): void {
  if (json) context.print(JSON.stringify({ applied }, null, 2))
  else if (applied.length === 0) context.say("the database is up to date")
  else context.print(applied.join("\n"))
}
