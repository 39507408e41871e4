/** What a command is. `program.ts` turns the table of them into a command line. */
import type pc from "picocolors"
import type { Environment } from "../config/read-config.ts"

export const EXIT_OK = 0 as const
/** The answer is no, a law is broken, or the process could not start. */
export const EXIT_FAILED = 1 as const
export const EXIT_USAGE = 2 as const
export type ExitCode = typeof EXIT_OK | typeof EXIT_FAILED | typeof EXIT_USAGE

export interface CliContext {
  readonly environment: Environment
  /** Data, for the next program: whole lines, without the last newline. */
  readonly print: (text: string) => void
  /** Chatter, for people: whole lines, without the last newline. */
  readonly say: (text: string) => void
  /** What is going on right now: on a terminal each replaces the one before, elsewhere nobody is watching. */
  readonly showProgress: (text: string) => void
  /** For chatter; they do nothing where standard error is no terminal. */
  readonly colors: ReturnType<typeof pc.createColors>
}

/** `--json` comes with every command. */
export interface CommandOptions {
  readonly json?: boolean
}

export interface CommandDefinition<Options extends CommandOptions = CommandOptions> {
  readonly name: string
  readonly summary: string
  readonly description: string
  /** What `--json` prints. */
  readonly json: string
  readonly options?: readonly { readonly flags: string; readonly description: string }[]
  readonly examples: readonly { readonly line: string; readonly meaning: string }[]
  run(context: CliContext, options: Options): Promise<ExitCode>
}
