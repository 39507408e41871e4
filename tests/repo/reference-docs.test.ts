/** The reference pages on errors and metrics say what the code does: compared both ways. */
import { readFile } from "node:fs/promises"
import { Counter, Gauge, Histogram } from "prom-client"
import { describe, expect, test } from "vitest"
import { ERRORS } from "../../src/core/errors.ts"
import { problem } from "../../src/protocol/problem.ts"
import { createMetrics } from "../../src/telemetry/metrics.ts"

const page = (name: string) => readFile(new URL(`../../docs/reference/${name}`, import.meta.url), "utf8")
/** The cells of every row of the tables of a page that begins with code in backquotes. */
const rows = (text: string) =>
  [...text.matchAll(/^\| (\[?`.*) \|$/gm)].map(([, cells = ""]) =>
    cells.split("|").map((cell) => cell.trim()),
  )

describe("docs/reference/errors.md", async () => {
  const text = await page("errors.md")
  const [, ...sections] = text.split(/^## /m)
  const codes = Object.keys(ERRORS)

  test("has a section for each code, in the order of the table, and no other", () => {
    expect(sections.map((section) => section.split("\n", 1)[0])).toEqual(codes)
  })

  test("has the status, the title and whether to retry of each code", () => {
    expect(rows(text)).toEqual(
      Object.entries(ERRORS).map(([code, { status, retryable, title }]) => [
        `[\`${code}\`](#${code})`,
        String(status),
        retryable ? "yes" : "no",
        title,
      ]),
    )
    for (const [index, { title, status, retryable }] of Object.values(ERRORS).entries()) {
      const said = `${title}. Status ${status}, ${retryable ? "retryable" : "not retryable"}.`
      expect(sections[index]).toContain(said)
    }
  })

  test("has an example of each that is a problem document", () => {
    for (const [index, [code, { title, status }]] of Object.entries(ERRORS).entries()) {
      const [, json = ""] = /```json\n(.*?)```/s.exec(sections[index] ?? "") ?? []
      const example = problem.strict().parse(JSON.parse(json))
      expect(example).toMatchObject({ type: `urn:earmark:error:${code}`, code, title, status })
      expect(sections[index]).toContain("\nWhat to do: ")
    }
  })
})

describe("docs/reference/metrics.md", async () => {
  const text = await page("metrics.md")

  test("has every metric of ours with its type, labels and meaning, and no other", async () => {
    const { register } = createMetrics()
    const ours = register.getMetricsAsArray().filter(({ name }) => name.startsWith("earmark_"))
    const said = ours.map((metric) => {
      const type =
        metric instanceof Counter
          ? "counter"
          : metric instanceof Gauge
            ? "gauge"
            : metric instanceof Histogram
              ? "histogram"
              : "?"
      const { labelNames = [] } = metric as unknown as { labelNames?: string[] }
      const labels = labelNames.filter((label) => label !== "le").map((label) => `\`${label}\``)
      return [`\`${metric.name}\``, type, labels.join(", "), (metric as unknown as { help: string }).help]
    })
    expect(rows(text)).toEqual(said)
  })
})
