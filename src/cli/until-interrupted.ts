import { isRunByNpm } from "../config/run-by-npm.ts"
import type { CliContext, ExitCode } from "./command.ts"
import { type Lifetime, runUntilStopped } from "./lifetime.ts"

/** For commands that follow something: Ctrl-C is how they end, which is nothing to talk about; what fails is thrown. */
export async function untilInterrupted(
  context: CliContext,
  open: (lifetime: Lifetime) => Promise<void>,
): Promise<ExitCode> {
  let failure: unknown
  const exitCode = await runUntilStopped({
    say: () => {},
    stopWithParent: isRunByNpm(context.environment),
    onFault: (error) => {
      failure = error
    },
    open,
  })
  if (failure !== undefined) throw failure
  return exitCode
}
