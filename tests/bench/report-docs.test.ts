/** The pages are filled from a committed report, and a page that says something else is seen. */
import { spawnSync } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, test } from "vitest"
import { parseReport, renderDocs } from "../../src/bench/report/docs.ts"
import { renderMarkdown } from "../../src/bench/report/markdown.ts"
import type { BenchReport } from "../../src/bench/result.ts"
import { parseMarkup } from "./markup.ts"
import { report } from "./report-fixture.ts"

const SCRIPT = fileURLToPath(new URL("../../scripts/bench-docs.mjs", import.meta.url))
const part = (name: string) => `<!-- bench:begin ${name} -->\nold\n<!-- bench:end -->\n`

const roots: string[] = []
afterEach(async () => {
  for (const root of roots.splice(0)) await rm(root, { recursive: true, force: true })
})

async function makeRoot(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "earmark-docs-"))
  roots.push(root)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

const usual = () =>
  makeRoot({
    "README.md": `# Shop\n\n${part("full/summary")}\nwhat people wrote\n`,
    "docs/performance.md": `# Performance\n\n${part("full/goals")}\n${part("full/storm")}`,
    "bench/results/full/report.json": JSON.stringify(report),
  })

function run(root: string, ...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...options, root], {
    encoding: "utf8",
  })
  return { status, output: `${stdout}${stderr}` }
}

describe("bench-docs", () => {
  test("fills every part, leaves the rest alone, and is content with what it wrote", async () => {
    const root = await usual()
    expect(run(root, "--check")).toMatchObject({ status: 1, output: expect.stringContaining("README.md") })
    expect(run(root).output).toContain("2 pages, 8 plots, 10 changed")
    const readme = await readFile(join(root, "README.md"), "utf8")
    expect(readme).toContain("| `batched` | 36,900 | 35,424 to 37,638 | 24.8 x | 3.9 | 0 | 0 |")
    expect(readme).toContain('srcset="docs/plots/full/hot-rate.dark.svg"')
    expect(readme).toMatch(/^# Shop\n[\s\S]*\nwhat people wrote\n$/)
    expect(readme).not.toContain("\nold\n")
    expect(await readFile(join(root, "docs/performance.md"), "utf8")).toContain(
      'src="plots/full/storm-oversold.light.svg"',
    )
    expect(run(root, "--check")).toMatchObject({ status: 0 })
    expect(run(root).output).toContain("0 changed")
  })

  test("notices what was changed afterwards: in a page, in a plot, in the report", async () => {
    const root = await usual()
    run(root)
    for (const [path, from, to] of [
      ["README.md", "36,900", "63,900"],
      ["docs/plots/full/hot-rate.dark.svg", "36,900", "63,900"],
      ["bench/results/full/report.json", "36900", "63900"],
    ] as const) {
      const text = await readFile(join(root, path), "utf8")
      expect(text).toContain(from)
      await writeFile(join(root, path), text.replaceAll(from, to))
      expect(run(root, "--check"), path).toMatchObject({ status: 1 })
      await writeFile(join(root, path), text)
    }
    expect(run(root, "--check")).toMatchObject({ status: 0 })
  })

  test("notices a plot that no page shows, and removes it", async () => {
    const root = await usual()
    run(root)
    const stray = "docs/plots/full/gone-rate.light.svg"
    await writeFile(join(root, stray), "<svg/>")
    expect(run(root, "--check")).toMatchObject({ status: 1, output: expect.stringContaining(stray) })
    run(root)
    expect(run(root, "--check")).toMatchObject({ status: 0 })
  })

  test("fails when no page shows anything, and does not know other options", async () => {
    const root = await makeRoot({ "README.md": "# Shop\n", "docs/performance.md": "# Performance\n" })
    expect(run(root, "--check")).toMatchObject({
      status: 1,
      output: expect.stringContaining("no page shows a plot"),
    })
    expect(run(root, "--chekc")).toMatchObject({ status: 2 })
  })
})

describe("renderDocs", () => {
  const fill = (text: string) => renderDocs([{ path: "README.md", text }], async () => report)

  test.each([
    ["without an end", "<!-- bench:begin full/hot -->\n"],
    ["within another", `<!-- bench:begin full/hot -->\n${part("full/storm")}<!-- bench:end -->\n`],
    ["misspelt", "<!-- bench:begin full-hot -->\n<!-- bench:end -->\n"],
    ["with an end too many", `${part("full/hot")}<!-- bench:end -->\n`],
  ])("refuses a part %s", async (_, text) => {
    await expect(fill(text)).rejects.toThrow("README.md: ")
  })

  test("names the sections that there are when one is asked for that there is not", async () => {
    await expect(fill(part("full/cold"))).rejects.toThrow(
      "no section cold: it has summary, goals, control, profile, machine, hot, storm,",
    )
  })

  test("leaves a page without parts as it is", async () => {
    expect(await fill("# Shop\n")).toEqual([{ path: "README.md", text: "# Shop\n" }])
  })
})

test("a report of another format is refused", () => {
  expect(() => parseReport(JSON.stringify({ ...report, format: 2 }))).toThrow("format 1")
  expect(parseReport(JSON.stringify(report))).toEqual(report)
})

describe("Markdown", () => {
  const path = () => "plot.svg"
  const section = (name: string, shown: BenchReport = report) => renderMarkdown(shown, name, path).text

  test("has every contender of a scenario and its command, folded up where it is long", () => {
    for (const scenario of report.scenarios) {
      const text = section(scenario.name)
      for (const { name } of scenario.contenders) expect(text).toContain(`| \`${name}\` |`)
      expect(text).toContain(`\`\`\`\n${scenario.command}\n\`\`\``)
      expect(text.includes("<details>")).toBe(scenario.name === "hot")
    }
  })

  test("has tables as wide as their heads", () => {
    for (const name of ["summary", "goals", ...report.scenarios.map((scenario) => scenario.name)]) {
      const lines = section(name)
        .split("\n")
        .filter((line) => line.startsWith("|"))
      expect(new Set(lines.map((line) => line.replaceAll("\\|", "").split("|").length)).size).toBe(1)
    }
  })

  test("sums the units of a contender over all scenarios in the summary", () => {
    expect(section("summary")).toMatch(/^\| `broken` .*\| 45,562 \| 0 \|$/m)
  })

  test("says what was reached, what the counter saw, and where", () => {
    expect(section("goals")).toContain("| 24.76 x | yes |")
    expect(section("control")).toContain("the counter works")
    expect(section("machine")).toContain("Made-up CPU")
  })

  test("takes names as text", () => {
    const hostile = "a|b`c<i>*d*"
    const [first] = report.scenarios
    if (!first) throw new Error("no scenario")
    const shown = {
      ...report,
      scenarios: [
        { ...first, contenders: first.contenders.map((one) => ({ ...one, name: `${one.name}${hostile}` })) },
      ],
    }
    const text = section("hot", shown)
    expect(text).toContain("| `batcheda\\|b'c<i>*d*` |")
    for (const picture of text.match(/<picture>[\s\S]*?<\/picture>/g) ?? []) parseMarkup(picture)
  })
})
