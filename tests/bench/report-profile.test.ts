/** Where the time goes: one table, in every form of the report. */
import pc from "picocolors"
import { describe, expect, test } from "vitest"
import { renderHtml } from "../../src/bench/report/html.ts"
import { renderMarkdown } from "../../src/bench/report/markdown.ts"
import { profileTableOf } from "../../src/bench/report/profile.ts"
import { renderTable } from "../../src/bench/report/table.ts"
import type { BenchReport, PointProfile, ScenarioResult } from "../../src/bench/result.ts"
import { hot, report } from "./report-fixture.ts"

const LONG =
  "select s.id, s.sku, s.location, s.on_hand, s.held, s.safety_stock from stock_levels s order by s.id for update"

function statement(text: string, microseconds: number, { isInner = false } = {}) {
  return { statement: text, isInner, calls: 0.01, microseconds, walBytes: 100 }
}

function withProfiles(scenario: ScenarioResult, profileAt: (at: number | null) => PointProfile | undefined) {
  const contenders = scenario.contenders.slice(0, 1).map((contender) => ({
    ...contender,
    points: contender.points.map((point) => {
      const profile = profileAt(point.at)
      return profile ? { ...point, profile } : point
    }),
  }))
  return { ...scenario, contenders }
}

const hotProfile: PointProfile = {
  nodeMicroseconds: 15.25,
  statements: [
    statement("insert into journal", 6),
    statement(LONG, 3.5),
    statement("select from changed", 1, { isInner: true }),
    statement("select now()", 0.1),
  ],
}
const flood = report.scenarios.find(({ name }) => name === "flood") as ScenarioResult
const profiled: BenchReport = {
  ...report,
  scenarios: [
    withProfiles(hot, (at) => (at === 1024 ? hotProfile : { nodeMicroseconds: 999, statements: [] })),
    withProfiles(flood, (at) =>
      at === 1_000_000
        ? {
            nodeMicroseconds: 20,
            statements: [statement("delete from holds", 9), statement("select now()", 8)],
          }
        : undefined,
    ),
  ],
}

test("a run without profiles has no such table", () => {
  expect(profileTableOf(report)).toBeNull()
  expect(renderTable(report, pc.createColors(false))).not.toContain("Where the time goes")
  expect(() => renderMarkdown(report, "profile", () => "")).toThrow(/measured with --profile/)
})

test("each scenario has a column, that of its highest rate; where sizes differ, each of its own", () => {
  const table = profileTableOf(profiled)
  expect(table?.columns).toEqual(["hot: batched", "flood: batched, 1M overdue holds, open loop"])
  expect(table?.rows).toEqual([
    { label: "Node: callers, engine, driver", cells: ["15.3", "20.0"] },
    { label: "Postgres: all statements", cells: ["9.6", "17.0"] },
    { label: "delete from holds", cells: ["-", "9.0"] },
    { label: "select now()", cells: ["0.1", "8.0"] },
    { label: "insert into journal", cells: ["6.0", "-"] },
    {
      label: "select s.id, s.sku, s.location, s.on_hand, s.he … s order by s.id for update",
      cells: ["3.5", "-"],
    },
    { label: "others", cells: ["0.0", "0.0"] },
    { label: "within these: select from changed", cells: ["1.0", "-"] },
  ])
})

test("what takes next to nothing everywhere is put together", () => {
  const table = profileTableOf({ ...profiled, scenarios: profiled.scenarios.slice(0, 1) })
  expect(table?.rows.map(({ label }) => label)).not.toContain("select now()")
  expect(table?.rows).toContainEqual({ label: "others", cells: ["0.1"] })
})

describe("it is shown", () => {
  test("in a terminal, in lines that fit", () => {
    const text = renderTable(profiled, pc.createColors(false))
    expect(text).toMatch(/^Where the time goes\n/m)
    expect(text).toMatch(/^ +us {2}hot: batched\n15\.3 {2}Node: callers, engine, driver\n/m)
    expect(text).toMatch(/^ 6\.0 {2}insert into journal$/m)
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120)
  })

  test("as Markdown, with the command that repeats it", () => {
    const { text } = renderMarkdown(profiled, "profile", () => "")
    expect(text).toContain("| insert into journal | 6.0 | - |")
    expect(text).toContain(`\`\`\`\n${report.command}\n\`\`\``)
  })

  test("as HTML", async () => {
    const page = await renderHtml(profiled)
    expect(page).toContain('<section class="scenario" id="profile"><h2>Where the time goes</h2>')
    expect(page).toContain("insert into journal")
  })
})
