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
  /** Whether somebody is watching: standard error is a terminal. */
  readonly isWatched: boolean
  /** For chatter; they do nothing where standard error is no terminal. */
  readonly colors: Colors
  /** For data; they do nothing where standard output is no terminal. */
  readonly printColors: Colors
}

type Colors = ReturnType<typeof pc.createColors>

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
  readonly options?: readonly CommandOption[]
  /** Any number of words after the command's name; a command without it takes none. */
  readonly operands?: { readonly name: string; readonly description: string }
  readonly examples: readonly { readonly line: string; readonly meaning: string }[]
  /** @throws UsageError when what was typed cannot be done */
  run(context: CliContext, options: Options, operands: readonly string[]): Promise<ExitCode>
}

export interface CommandOption {
  readonly flags: string
  readonly description: string
  /**
   * Makes a value of the text; an option that may be given several times is handed what the times before have made.
   *
   * @throws UsageError
   */
  readonly parse?: (text: string, before: unknown) => unknown
}

/** What was typed makes no sense: said in a sentence, and exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
