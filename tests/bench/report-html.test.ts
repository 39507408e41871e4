import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import { renderHtml } from "../../src/bench/report/html.ts"
import type { BenchReport } from "../../src/bench/result.ts"
import { type Element, parseMarkup } from "./markup.ts"
import { report, withPoint } from "./report-fixture.ts"

const page = await renderHtml(report)
const elements = parseMarkup(page)
const named = (name: string, within: readonly Element[] = elements) =>
  within.filter((one) => one.name === name)
const textOf = (markup: string) => parseMarkup(markup).find(({ name }) => name === "body")?.text ?? ""

describe("the page", () => {
  test("needs nothing but itself", () => {
    const loading = ["script", "link", "img", "iframe", "object", "embed", "image", "use", "style"]
    expect(elements.filter(({ name }) => loading.includes(name)).map(({ name }) => name)).toEqual(["style"])
    expect(page).not.toMatch(/https?:|\/\/[a-z]|@import|url\(|javascript:/i)
    for (const { name, attributes } of elements) {
      for (const [attribute, value] of Object.entries(attributes)) {
        expect(attribute, `${name} ${attribute}`).not.toMatch(/^(?:on|style$|src)/)
        if (attribute === "href") expect(value).toMatch(/^#/)
      }
    }
  })

  test("forbids everything but its own style", () => {
    const [style] = named("style")
    const policy = named("meta").find((meta) => meta.attributes["http-equiv"] === "Content-Security-Policy")
    const digest = createHash("sha256")
      .update(style?.text ?? "")
      .digest("base64")
    expect(policy?.attributes["content"]).toContain("default-src 'none'")
    expect(policy?.attributes["content"]).toContain(`style-src 'sha256-${digest}'`)
  })

  test("answers first", () => {
    expect(named("h1").map(({ text }) => text)).toEqual([
      "batched: 36,900 reservations a second on one hot stock level",
    ])
    const facts = named("dt").slice(0, 3)
    expect(facts.map(({ text }) => text)).toEqual(["25 x", "0 units", "5.8 ms"])
    expect(textOf(page)).toContain(
      "The broken contender oversold 41,375 units in “One hot stock level” and 4,187 units in",
    )
  })

  test("has every scenario with its question, its plots, a table of every contender and its command", () => {
    const sections = page.split('<section class="scenario"').slice(1)
    for (const [index, scenario] of report.scenarios.entries()) {
      const section = parseMarkup(
        `<section class="scenario"${sections[index]?.split("</section>")[0]}</section>`,
      )
      expect(named("h2", section)[0]?.text).toBe(scenario.title)
      expect(named("p", section)[0]?.text).toBe(scenario.question)
      expect(named("figure", section).length).toBeGreaterThan(0)
      const heads = named("th", section).map(({ text }) => text)
      for (const { name } of scenario.contenders) expect(heads).toContain(name)
      expect(named("code", section).at(-1)?.text).toBe(scenario.command)
    }
  })

  test("says where it was measured, with which settings, and how to repeat it", () => {
    const text = textOf(page)
    for (const words of [
      "Made-up CPU",
      "v24.21.0",
      "0.1.0 at commit 0123abc",
      "18.4 (private",
      "fsync on, synchronous_commit on",
    ])
      expect(text).toContain(words)
    expect(named("code").at(-1)?.text).toBe(report.command.replaceAll("'", "&#39;").replaceAll(">", "&gt;"))
  })

  test("has a title and a description for each plot, all ids different", () => {
    const ids = elements.flatMap(({ attributes }) => attributes["id"] ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    const plots = named("svg")
    expect(plots.length).toBeGreaterThan(2 * report.scenarios.length)
    for (const { attributes } of plots) {
      expect(attributes["role"]).toBe("img")
      for (const id of attributes["aria-labelledby"]?.split(" ") ?? ["none"]) expect(ids).toContain(id)
    }
  })

  test("has a caption or a label for each table, in a box that scrolls and can be reached", () => {
    const tables = named("table").length
    const boxes = elements.filter(({ attributes }) => attributes["class"] === "scroll")
    expect(boxes).toHaveLength(tables)
    for (const { attributes } of boxes) {
      expect(attributes).toMatchObject({ role: "region", tabindex: "0" })
      expect(attributes["aria-label"] ?? attributes["aria-labelledby"]).toBeTruthy()
    }
  })

  test("follows the reader's scheme with the same variables", () => {
    const [light = "", dark = ""] = page.split("@media (prefers-color-scheme: dark)")
    const used = new Set([...page.matchAll(/var\((--[a-z-]+)\)/g)].map(([, name = ""]) => name))
    expect(used.size).toBeGreaterThan(8)
    for (const name of used) {
      expect(light).toContain(`${name}: #`)
      expect(dark).toContain(`${name}: #`)
    }
  })

  test("judges goals and expectations", () => {
    const text = textOf(page)
    expect(text).toContain(
      "On one hot stock level, batched reserves at least 10 times as fast as atomic-update.",
    )
    expect(
      elements.filter(({ attributes }) => attributes["class"] === "bad").map(({ text }) => text),
    ).toEqual(["FAIL"])
  })

  test("folds long tables up, but not one with a unit too many", async () => {
    expect(named("summary").map(({ text }) => text)).toEqual(["All 40 points as a table"])
    const leaking = await renderHtml(withPoint({ scenario: "hot", contender: "optimistic" }, { oversold: 2 }))
    expect(leaking).not.toContain("<details>")
    expect(leaking).toContain('<td class="number"><span class="bad">2</span></td>')
    expect(leaking).toContain('<dt class="bad">2 units</dt>')
  })

  test("says of the broken one's units that they must be", () => {
    expect(page).toContain('<td class="number">4,187<small>as it must</small></td>')
  })
})

test("whatever names and commands say is text", async () => {
  const hostile = `<script>alert("1")</script> & 'x' <img src="https://example.com/x">`
  const shown: BenchReport = {
    ...report,
    command: hostile,
    machine: { ...report.machine, cpu: hostile },
    earmark: { version: hostile, commit: hostile },
    postgres: { ...report.postgres, version: hostile, settings: { [hostile]: hostile } },
    scenarios: report.scenarios.map((scenario) => ({
      ...scenario,
      title: hostile,
      question: hostile,
      counted: hostile,
      command: hostile,
      axis: scenario.axis && { ...scenario.axis, name: `${scenario.axis.name} ${hostile}` },
      contenders: scenario.contenders.map((contender) => ({
        ...contender,
        name: `${contender.name} ${hostile}`,
        points: contender.points.map((point) => ({
          ...point,
          label: hostile,
          figures: { [hostile]: point.rate },
        })),
      })),
    })),
    expectations: [{ text: hostile, scenario: hostile, value: 1, holds: true }],
  }
  const found = parseMarkup(await renderHtml(shown))
  expect(found.filter(({ name }) => name === "script" || name === "img")).toEqual([])
  expect(found.some(({ text }) => text.includes("&lt;script&gt;alert(&quot;1&quot;)"))).toBe(true)
})

test("a page of nothing is a page", async () => {
  const empty = await renderHtml({ ...report, scenarios: [], expectations: [] })
  expect(parseMarkup(empty).find(({ name }) => name === "h1")?.text).toBe("Nothing was measured.")
})

test.each([
  ["small", "its rates say little"],
  ["quick", "a first impression"],
] as const)("a run of size %s says so", async (size, words) => {
  expect(await renderHtml({ ...report, size })).toContain(words)
  expect(page).not.toContain(words)
})
