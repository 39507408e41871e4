import { Command, CommanderError } from "commander"
import { EarmarkError, StartError } from "../core/errors.ts"
import { benchCommand } from "./bench.ts"
import {
  type CliContext,
  type CommandDefinition,
  type CommandOptions,
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  type ExitCode,
  UsageError,
} from "./command.ts"
import { configCommand } from "./config.ts"
import { eventsCommand } from "./events.ts"
import { explainCommand } from "./explain.ts"
import { hotCommand } from "./hot.ts"
import { journalCommand } from "./journal.ts"
import { listenCommand } from "./listen.ts"
import { migrateCommand } from "./migrate.ts"
import { periodsCommand } from "./periods.ts"
import { redisCommand } from "./redis.ts"
import { seedCommand } from "./seed.ts"
import { serveCommand } from "./serve.ts"
import { startCommand } from "./start.ts"
import { verifyCommand } from "./verify.ts"
import { readVersion } from "./version.ts"
import { webhooksCommand } from "./webhooks.ts"
import { workerCommand } from "./worker.ts"

export const COMMANDS: readonly CommandDefinition[] = [
  startCommand,
  serveCommand,
  workerCommand,
  migrateCommand,
  seedCommand,
  verifyCommand,
  periodsCommand,
  hotCommand,
  redisCommand,
  eventsCommand,
  journalCommand,
  explainCommand,
  webhooksCommand,
  listenCommand,
  configCommand,
  benchCommand,
]

/** The same on every terminal, so that the help in `docs/reference/cli.md` is what everybody sees. */
const HELP_WIDTH = 100

const EXIT_CODES = `
Exit codes:
  0  done
  1  the answer is no, a law is broken, or the process could not start
  2  wrong usage`

/** @param argv the words after the program's name */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_OK
  const program = createProgram(context, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv, { from: "user" })
    return exitCode
  } catch (error) {
    // Help and version that were asked for come this way too, with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE
    if (error instanceof UsageError) {
      context.say(`error: ${error.message}`)
      return EXIT_USAGE
    }
    context.say(isExpected(error) ? `earmark: ${error.message}` : stackOf(error))
    return EXIT_FAILED
  }
}

function createProgram(context: CliContext, finish: (exitCode: ExitCode) => void): Command {
  const program = new Command("earmark")
    .description("Earmark: an inventory reservation engine.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print the help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.say(text.trimEnd()),
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .addHelpText("after", `${EXIT_CODES}\n\nSettings come from the environment: "earmark config" lists them.`)
  for (const command of COMMANDS) addCommand(program, command, { context, finish })
  return program
}

interface Surroundings {
  readonly context: CliContext
  readonly finish: (exitCode: ExitCode) => void
}

function addCommand(
  program: Command,
  definition: CommandDefinition,
  { context, finish }: Surroundings,
): void {
  const { name, summary, description, json, options = [], operands, examples } = definition
  const command = program.command(name).summary(summary).description(description)
  if (operands) command.argument(`[${operands.name}...]`, operands.description)
  for (const { flags, description: meaning, parse } of options) {
    if (parse) command.option(flags, meaning, parse)
    else command.option(flags, meaning)
  }
  const width = Math.max(...examples.map(({ line }) => line.length))
  const lines = examples.map(({ line, meaning }) => `  ${line.padEnd(width)}  ${meaning}`)
  command
    .option("--json", json)
    .helpOption("-h, --help", "print the help")
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}\n${EXIT_CODES}`)
    .action(async (...given: unknown[]) => {
      const words = operands ? (given.shift() as string[]) : []
      finish(await definition.run(context, given[0] as CommandOptions, words))
    })
}

/** A stack tells something only when nobody expected the error. */
function isExpected(error: unknown): error is Error {
  return error instanceof StartError || (error instanceof EarmarkError && error.code !== "internal")
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
