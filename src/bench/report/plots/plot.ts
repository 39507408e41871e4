/** What every plot has in common. */
import type { TopLevelSpec } from "vega-lite"
import type { Palette } from "./palette.ts"
import { roomyTicks, type Scale } from "./scale.ts"

export type PlotKind = "rate" | "oversold" | "latency" | "concurrency" | "size"

export interface Plot {
  readonly kind: PlotKind
  readonly scenario: string
  readonly title: string
  /** How to read it, where that is not plain. */
  readonly note: string | null
  /** What it shows, in words, for those who cannot see it. */
  readonly description: string
  draw(look: Look): TopLevelSpec
}

export interface Look {
  readonly palette: Palette
  /** Of the whole picture. */
  readonly width: number
}

export const FONT_SIZE = 12
/** Below this, names stand above their bars instead of beside them. */
const NARROW = 420

export function isNarrow({ width }: Look): boolean {
  return width < NARROW
}

/** Of digits and lower case in common system fonts, a little generous: nothing is measured without a browser. */
const EM_PER_CHARACTER = 0.62

export function textWidth(text: string): number {
  return Math.ceil(text.length * EM_PER_CHARACTER * FONT_SIZE)
}

/** Along an axis: a label and some air. */
export function tickRoom(label: string): number {
  return textWidth(label) + 10
}

/** The config of all: quiet lines, the reader's own font, and nothing that is animated or asks for a pointer. */
function plotConfig({ palette }: Look) {
  const axisText = { labelFontSize: FONT_SIZE, titleFontSize: FONT_SIZE, titleFontWeight: "normal" as const }
  const axisColors = { labelColor: palette.muted, titleColor: palette.muted, gridColor: palette.grid }
  return {
    aria: false,
    font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    view: { stroke: null },
    axis: { ...axisText, ...axisColors, domain: false, ticks: false, labelPadding: 8, titlePadding: 10 },
    text: { fontSize: FONT_SIZE },
  }
}

/** The edge of a picture that is `width` wide with so much beside and below the marks. */
export interface Margins {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export const AXIS_HEIGHT = 46

export function frame(look: Look, { margins, height }: { margins: Margins; height: number }) {
  return {
    background: look.palette.background,
    width: look.width - margins.left - margins.right,
    height,
    padding: margins,
    autosize: "none" as const,
    config: plotConfig(look),
  }
}

/** The parts of an axis that come from a scale: the ticks that have room, with their labels. */
export function axisFor(
  scale: Scale,
  { length, roomOf }: { length: number; roomOf: (label: string) => number },
) {
  const ticks = roomyTicks(scale, { length, roomOf })
  const labels = Object.fromEntries(ticks.map(({ at, label }) => [String(at), label]))
  return {
    values: ticks.map(({ at }) => at),
    labelExpr: `(${JSON.stringify(labels)})[datum.value]`,
    ...AS_PLACED,
  }
}

/** Room was worked out already, and better than without a browser it can be. */
const AS_PLACED = { labelFlush: false, labelOverlap: false, labelBound: false }

export function scaleSpec({ type, domain }: Scale) {
  return { type, domain: [...domain], nice: false, ...(type === "linear" && { zero: false }) }
}
