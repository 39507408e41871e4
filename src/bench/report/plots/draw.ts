/** From a plot to an SVG that needs nothing else: no script, no font, no style sheet. */
import { parse, View } from "vega"
import { compile } from "vega-lite"
import { escapeMarkup } from "../html/markup.ts"
import { PALETTES, type Theme } from "./palette.ts"
import type { Plot } from "./plot.ts"

export async function drawSvg(
  plot: Plot,
  { theme, width }: { theme: Theme; width: number },
): Promise<string> {
  const view = new View(parse(compile(plot.draw({ palette: PALETTES[theme], width })).spec), {
    renderer: "none",
  })
  try {
    return named(slim(await view.toSVG()), plot, `${plot.scenario}-${plot.kind}-${theme}-${width}`)
  } finally {
    view.finalize()
  }
}

/** Takes out what only a script could use, and digits that nobody can see. */
function slim(svg: string): string {
  return svg
    .replace(/ (?:role|aria-[a-z]+|class|pointer-events|xmlns:xlink|version)="[^"]*"/g, "")
    .replace(/ opacity="1"/g, "")
    .replace(/<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?\/>/g, "")
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/-?\d+\.\d{2,}/g, (digits) => String(Number(Number(digits).toFixed(1)))),
    )
}

function named(svg: string, { title, description }: Plot, id: string): string {
  const key = id.replace(/[^A-Za-z0-9-]/g, "-")
  const label = `role="img" aria-labelledby="${key}-title ${key}-desc"`
  const words = `<title id="${key}-title">${escapeMarkup(title)}</title><desc id="${key}-desc">${escapeMarkup(description)}</desc>`
  return svg.replace(/^<svg ([^>]*)>/, (_, attributes: string) => `<svg ${label} ${attributes}>${words}`)
}
