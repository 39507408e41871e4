/**
 * Pages with parts that are made from a committed report, so that no number in them can drift from what was measured.
 * Such a part lies between `<!-- bench:begin full/hot -->` and `<!-- bench:end -->`: the section `hot` of the report
 * `bench/results/full/report.json`.
 */
import { posix } from "node:path"
import type { BenchReport } from "../result.ts"
import { type PicturePath, renderMarkdown } from "./markdown.ts"
import { drawSvg } from "./plots/draw.ts"
import type { Plot } from "./plots/plot.ts"

export const PLOTS_FOLDER = "docs/plots"
const PICTURE_WIDTH = 720

export interface Page {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

/** Returns what each page must be, and each picture that they show. */
export async function renderDocs(
  pages: readonly Page[],
  readReport: (name: string) => Promise<BenchReport>,
): Promise<readonly Page[]> {
  const pictures = new Map<string, Page>()
  const rendered: Page[] = []
  for (const page of pages) {
    const sections: string[] = []
    const parts = partsOf(page)
    for (const { report, section } of parts) {
      const folder = `${PLOTS_FOLDER}/${report}`
      const path: PicturePath = (plot, theme) => `${folder}/${plot.scenario}-${plot.kind}.${theme}.svg`
      const seenFromPage: PicturePath = (plot, theme) =>
        posix.relative(posix.dirname(page.path), path(plot, theme))
      const { text, plots } = renderMarkdown(await readReport(report), section, seenFromPage)
      sections.push(text)
      for (const picture of await Promise.all(plots.flatMap((plot) => drawBoth(plot, path))))
        pictures.set(picture.path, picture)
    }
    rendered.push({ path: page.path, text: fill(page.text, parts, sections) })
  }
  return [...rendered, ...pictures.values()]
}

function drawBoth(plot: Plot, path: PicturePath): Promise<Page>[] {
  return (["light", "dark"] as const).map(async (theme) => ({
    path: path(plot, theme),
    text: `${await drawSvg(plot, { theme, width: PICTURE_WIDTH })}\n`,
  }))
}

function fill(text: string, parts: readonly Part[], sections: readonly string[]): string {
  let filled = text
  // From the end, so that the places of those before stay true.
  for (const [index, { start, end }] of [...parts.entries()].reverse())
    filled = `${filled.slice(0, start)}\n\n${sections[index]}\n\n${filled.slice(end)}`
  return filled
}

/** Fails for a report whose members mean something else than what is written here. */
export function parseReport(json: string): BenchReport {
  const report: BenchReport = JSON.parse(json)
  if (report.format !== 1) throw new Error(`a report of format 1 is needed, this one says ${report.format}`)
  return report
}

interface Part {
  readonly report: string
  readonly section: string
  /** Between the markers. */
  readonly start: number
  readonly end: number
}

const BEGIN = /^<!-- bench:begin ([a-z0-9.-]+)\/([a-z0-9-]+) -->$/gm
const ANY_MARKER = /<!--\s*bench:/g
const END = "<!-- bench:end -->"

function partsOf({ path, text }: Page): readonly Part[] {
  const parts = [...text.matchAll(BEGIN)].map((match): Part => {
    const [marker, report = "", section = ""] = match
    const start = match.index + marker.length
    return { report, section, start, end: text.indexOf(END, start) }
  })
  for (const [index, { report, section, end }] of parts.entries()) {
    const next = parts[index + 1]
    if (end < 0 || (next && end > next.start)) throw new Error(`${path}: ${report}/${section} has no ${END}`)
  }
  // A marker that is misspelt would leave its part as it is, for ever.
  if ([...text.matchAll(ANY_MARKER)].length !== 2 * parts.length)
    throw new Error(
      `${path}: a marker reads <!-- bench:begin REPORT/SECTION --> or ${END}, on a line of its own`,
    )
  return parts
}
