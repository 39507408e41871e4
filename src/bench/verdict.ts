import type { BenchReport, ContenderResult, ScenarioResult } from "./result.ts"

/** A sentence for each reason why the run has failed; none: it has passed. */
export function failuresOf({ scenarios, expectations }: BenchReport): string[] {
  const missed = expectations.filter(({ holds }) => !holds)
  return [
    ...scenarios.flatMap((scenario) =>
      scenario.contenders.flatMap((contender) => unitFailures(scenario, contender)),
    ),
    ...missed.map(({ text, value }) => `expected ${text}, but it is ${value.toFixed(3)}`),
  ]
}

function unitFailures({ name: scenario }: ScenarioResult, { name, role, points }: ContenderResult): string[] {
  const sum = (member: "oversold" | "leaked") => points.reduce((total, point) => total + point[member], 0)
  const [oversold, leaked] = [sum("oversold"), sum("leaked")]
  if (role === "broken") {
    if (oversold > 0) return []
    return [`${scenario}: ${name} oversold nothing, so what is counted here proves nothing`]
  }
  if (oversold + leaked === 0) return []
  return [`${scenario}: ${name} oversold ${oversold} and leaked ${leaked} units`]
}
