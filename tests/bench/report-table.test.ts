import { stripVTControlCharacters } from "node:util"
import pc from "picocolors"
import { describe, expect, test } from "vitest"
import { renderTable } from "../../src/bench/report/table.ts"
import type { BenchReport } from "../../src/bench/result.ts"
import { report, withPoint } from "./report-fixture.ts"

const render = (shown: BenchReport) => renderTable(shown, pc.createColors(false))
const renderColored = (shown: BenchReport) => renderTable(shown, pc.createColors(true))
const red = pc.createColors(true).red

describe("the table in the terminal", () => {
  test("has every contender of every scenario, each scenario with the command that repeats it", () => {
    const text = render(report)
    const sections = text.split("\n\n")
    for (const scenario of report.scenarios) {
      const at = sections.findIndex((section) => section.startsWith(`${scenario.title} (${scenario.name})`))
      const rows = sections[at + 1] ?? ""
      for (const { name } of scenario.contenders) expect(rows).toMatch(new RegExp(`^${name} `, "m"))
      expect(rows).toContain(scenario.command)
    }
  })

  test("says where and with what it was measured, and how to repeat all of it", () => {
    const text = render(report)
    expect(text).toContain("2 cores (Made-up CPU @ 2.60GHz), 24 GiB, linux x64, Node v24.21.0")
    expect(text).toContain("Earmark 0.1.0 at 0123abc")
    expect(text).toContain("Postgres 18.4 (private), fsync on, synchronous_commit on, shared_buffers 256MB")
    expect(text).toContain(report.command)
  })

  test("compares with atomic-update under the same load, and a growing table with its first size", () => {
    const text = render(report)
    expect(text).toMatch(/^ +256 callers +33,356 +32,022 to 34,023 +22\.8 x +7\.7 +14\.6 +0 +0$/m)
    expect(text).toMatch(/^ +10,000,000 finished reservations +30,200 .* 0\.91 x /m)
    expect(text).toMatch(/^ +open, 7,380\/s +7,380 .* - +1\.6 +3\.9 +0 +0$/m)
  })

  test("has the figures with their spread", () => {
    expect(render(report)).toContain("sweep 22.4 s (21.5 to 22.8) · holds 44,640/s")
  })

  test("is at most 120 columns wide, with long names too", () => {
    const wide: BenchReport = {
      ...report,
      command: `npm run bench -- ${"--expect 'batched/atomic-update>=10' ".repeat(8).trim()}`,
      scenarios: report.scenarios.map((scenario) => ({
        ...scenario,
        question: scenario.question.repeat(4),
        contenders: scenario.contenders.map((contender) => ({
          ...contender,
          name: `${contender.name} in a variant with a very long name`,
          points: contender.points.map((point) => ({
            ...point,
            label: `${point.label}, and all that goes with it`,
          })),
        })),
      })),
    }
    for (const shown of [report, wide]) {
      for (const line of stripVTControlCharacters(renderColored(shown)).split("\n")) {
        expect(line.length, line).toBeLessThanOrEqual(120)
      }
    }
    expect(render(wide)).toContain("--expect 'batched/atomic-update>=10' \\\n  --expect")
  })

  test("is plain without colours, and the same text with them", () => {
    expect(stripVTControlCharacters(render(report))).toBe(render(report))
    expect(stripVTControlCharacters(renderColored(report))).toBe(render(report))
  })
})

describe("units that do not add up", () => {
  const leaking = withPoint({ scenario: "storm", contender: "row-lock" }, { leaked: 3 })

  test("of a strategy are red", () => {
    expect(renderColored(report)).not.toContain(red("     0"))
    expect(renderColored(leaking)).toContain(pc.createColors(true).bold(red("     3")))
  })

  test("of the broken one are as they must be", () => {
    expect(render(report)).toContain("broken: oversold 4,187, leaked 0, as it must: the counter works")
    expect(render(report)).toContain("4,187 units in “Sold-out storm”")
  })

  test("are missed where the broken one has none", () => {
    const silent = withPoint({ scenario: "storm", contender: "broken" }, { oversold: 0 })
    expect(renderColored(silent)).toContain(red("broken: oversold nothing, so the zeros here prove nothing"))
    expect(render(silent)).toContain("was not seen to oversell in “Sold-out storm”")
  })
})

test("expectations pass or FAIL, in red", () => {
  const text = renderColored(report)
  expect(stripVTControlCharacters(text)).toContain("pass  batched/atomic-update>=10  in hot: 22.8")
  expect(stripVTControlCharacters(text)).toContain("FAIL  batched/limit>=0.9  in hot: 0.75")
  expect(text).toContain(red("FAIL"))
})

test("a goal that is missed says so", () => {
  const slow = withPoint(
    { scenario: "storm", contender: "batched" },
    { rate: { median: 40_000, min: 1, max: 1 } },
  )
  expect(render(slow)).toMatch(/^MISSED {3}A rush for stock that sells out/m)
  expect(render(report)).not.toContain("MISSED")
})

test("a run that was told to expect nothing has no such part", () => {
  expect(render({ ...report, expectations: [] })).not.toContain("Expected")
})
