import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { BenchReport } from "../bench/result.ts"
import type { PlannedBench } from "../bench/run.ts"
import { SCENARIO_NAMES } from "../bench/scenario-names.ts"
import { failuresOf } from "../bench/verdict.ts"
import { readConfig } from "../config/read-config.ts"
import { isRunByNpm } from "../config/run-by-npm.ts"
import { StartError } from "../core/errors.ts"
import { BENCH_FLAGS, type BenchFlags, optionsOf } from "./bench-flags.ts"
import { tellProgress } from "./bench-progress.ts"
import { type CliContext, type CommandDefinition, EXIT_FAILED, EXIT_OK, UsageError } from "./command.ts"
import { runUntilStopped } from "./lifetime.ts"

export const benchCommand: CommandDefinition<BenchFlags> = {
  name: "bench",
  summary: "measure the strategies against each other",
  description:
    "Puts every strategy, a seller that is broken on purpose, and the limit of the database under the same loads, in " +
    "turns, and counts units after every round. Runs over a private Postgres in a temporary folder, or over " +
    "DATABASE_URL in schemas of its own; nothing of it stays. Exits with 1 when a strategy oversold or leaked a unit, " +
    "when the broken one was not seen to oversell, or when an expectation is missed.",
  json: "print the report as JSON",
  operands: {
    name: "scenario",
    description: `of ${SCENARIO_NAMES.join(", ")} (default: hot and storm; for the size full, all but redis, which needs redis-server, and soak)`,
  },
  options: BENCH_FLAGS,
  examples: [
    { line: "earmark bench", meaning: "a first impression, in some two minutes" },
    { line: "earmark bench storm --contenders batched,broken", meaning: "two contenders in one scenario" },
    {
      line: "earmark bench hot --expect 'batched/atomic-update>=10'",
      meaning: "for CI: ratios, never times",
    },
    { line: "earmark bench --size full --out report", meaning: "all races, in more than an hour" },
    { line: "earmark bench soak --size full --out soak", meaning: "memory under an hour of load" },
  ],
  async run(context, flags, scenarios) {
    const options = optionsOf(flags, scenarios)
    const bench = await loadOptional(() => import("../bench/run.ts"))
    const planned = await loadOptional(() => bench.planBench(options))
    if (planned.problems.length > 0) throw new UsageError(planned.problems.join("\nerror: "))
    const { out, json = false } = flags
    // What would fail afterwards fails before an hour of measuring.
    const html = out === undefined ? null : await loadOptional(() => import("../bench/report/html.ts"))
    if (out !== undefined) await mkdir(out, { recursive: true })
    const { renderTable } = await import("../bench/report/table.ts")

    const save = async (report: BenchReport) => {
      if (out !== undefined) await writeFile(join(out, "report.json"), `${JSON.stringify(report, null, 2)}\n`)
    }
    const report = await measure(context, bench, { planned, save })
    if (report === null) return EXIT_FAILED
    context.print(json ? JSON.stringify(report, null, 2) : renderTable(report, context.printColors).trimEnd())
    await save(report)
    if (out !== undefined && html) {
      const path = join(out, "report.html")
      await writeFile(path, await html.renderHtml(report))
      context.say(`the report is in ${path}`)
    }
    const failures = failuresOf(report)
    for (const failure of failures) context.say(context.colors.red(failure))
    return failures.length === 0 ? EXIT_OK : EXIT_FAILED
  },
}

type Bench = typeof import("../bench/run.ts")

/** Null: it was stopped early, or could not be closed. */
async function measure(
  context: CliContext,
  bench: Bench,
  { planned, save }: { planned: PlannedBench; save: (report: BenchReport) => Promise<void> },
): Promise<BenchReport | null> {
  const { environment, say } = context
  const { databaseUrl } = readConfig(environment)
  let report: BenchReport | null = null
  const exitCode = await runUntilStopped({
    // What it says about stopping is for those who have asked for that.
    say: (text) => report ?? say(text),
    stopWithParent: isRunByNpm(environment),
    onFault: (error) => say(`earmark: ${error instanceof Error ? error.stack : String(error)}`),
    async open(lifetime) {
      const server = await bench.openServer(databaseUrl, planned.options)
      lifetime.onClose(() => server.close())
      lifetime.onForcedExit(() => server.closeNow())
      report = await bench.runBench(planned, {
        server,
        stopping: lifetime.stopping,
        progress: tellProgress(context),
        program: programOf(context, databaseUrl),
        save,
      })
      lifetime.requestStop()
    },
  })
  // The line is for what is printed next.
  context.showProgress("")
  return exitCode === EXIT_OK ? report : null
}

/** What ran us, as one would type it. The url may carry a password. */
function programOf({ environment }: CliContext, databaseUrl: string | null): string {
  const program = isRunByNpm(environment) ? "npm run bench --" : "earmark bench"
  return databaseUrl === null ? program : `DATABASE_URL=postgres://... ${program}`
}

/** The packages that measure and draw are not needed by whoever runs the service, so they do not come with it. */
async function loadOptional<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    throw new StartError(
      "the benchmark needs packages that do not come with Earmark: npm install hdr-histogram-js vega vega-lite",
      { cause: error },
    )
  }
}
