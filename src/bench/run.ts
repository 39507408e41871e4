/** Runs what was asked for, and reports it. */
import { type BenchOptions, commandLineOf, problemsOf } from "./bench-options.ts"
import { evaluateExpectation } from "./expect.ts"
import { measureScenarios, type Progress } from "./harness.ts"
import { describeEarmark, describeMachine } from "./machine.ts"
import { planScenarios, type ScenarioPlan } from "./plan.ts"
import type { BenchReport, ScenarioResult } from "./result.ts"
import type { ScenarioName } from "./scenario-names.ts"
import { loadScenarios } from "./scenarios.ts"
import { type MeasuredServer, openServer } from "./server.ts"

export { type MeasuredServer, openServer }

export interface PlannedBench {
  readonly options: BenchOptions
  readonly plans: readonly ScenarioPlan[]
  /** A sentence for each thing that it cannot do: then it must not run. */
  readonly problems: readonly string[]
}

export interface RunOptions {
  readonly server: MeasuredServer
  /** Once it is aborted, the run ends by throwing its reason. */
  readonly stopping: AbortSignal
  readonly progress: (progress: Progress) => void
  /** What runs it, as one would type it. */
  readonly program: string
  /** Told of the report as it is after each scenario: an hour of measuring should not hang on its last minute. */
  readonly save: (report: BenchReport) => Promise<void>
}

export async function planBench(options: BenchOptions): Promise<PlannedBench> {
  const plans = planScenarios(await loadScenarios(options.scenarios), options.size, options.contenders)
  return { options, plans, problems: problemsOf(plans, options) }
}

export async function runBench(
  { options, plans }: PlannedBench,
  { server, stopping, progress, program, save }: RunOptions,
): Promise<BenchReport> {
  const startedAt = new Date().toISOString()
  const startedMs = performance.now()
  const earmark = await describeEarmark()
  const reportOf = (scenarios: readonly ScenarioResult[]): BenchReport => ({
    format: 1,
    command: commandLineOf(program, options),
    startedAt,
    tookSeconds: (performance.now() - startedMs) / 1000,
    size: options.size,
    machine: describeMachine(),
    earmark,
    postgres: server.measured,
    scenarios,
    expectations: [],
  })
  const scenarios = await measureScenarios(plans, {
    extent: options,
    poolSize: options.poolSize,
    server,
    stopping,
    progress,
    measured: (results) => save(reportOf(results)),
    commandFor: (scenario) =>
      commandLineOf(program, { ...options, scenarios: [scenario as ScenarioName], expectations: [] }),
  })
  return {
    ...reportOf(scenarios),
    expectations: options.expectations.map((expectation) => evaluateExpectation(expectation, scenarios)),
  }
}
