/** Bars lying side by side, one a contender, with its value written at the end. */
import type { TopLevelSpec } from "vega-lite"
import type { ContenderRole } from "../../result.ts"
import { colorOf } from "./palette.ts"
import { AXIS_HEIGHT, axisFor, frame, isNarrow, type Look, scaleSpec, textWidth, tickRoom } from "./plot.ts"
import { type Scale, within } from "./scale.ts"

export interface BarRow {
  readonly name: string
  readonly role: ContenderRole
  readonly value: number
  readonly min: number
  readonly max: number
  /** Beside it. */
  readonly label: string
}

export interface Bars {
  readonly bars: readonly BarRow[]
  readonly scale: Scale
  readonly axisTitle: string
}

const STEP = { wide: 34, narrow: 50 }
const THICKNESS = 16
/** In a narrow picture the names stand above. */
const NAME_HEIGHT = 18
const GAP = 10

export function drawBars({ bars, scale, axisTitle }: Bars, look: Look): TopLevelSpec {
  const narrow = isNarrow(look)
  const { text, muted } = look.palette
  const margins = {
    left: narrow ? 14 : GAP + Math.max(...bars.map(({ name }) => textWidth(name))),
    right: narrow ? 18 : GAP + Math.max(...bars.map(({ label }) => textWidth(label))),
    top: 6,
    bottom: AXIS_HEIGHT,
  }
  const step = narrow ? STEP.narrow : STEP.wide
  const base = frame(look, { margins, height: bars.length * step })
  const down = narrow ? NAME_HEIGHT / 2 : 0
  const up = narrow ? down - THICKNESS / 2 - 9 : 0
  const rows = { field: "name", type: "nominal" as const, sort: null, axis: null, scale: { padding: 0 } }
  const x = {
    type: "quantitative" as const,
    scale: scaleSpec(scale),
    axis: { ...axisFor(scale, { length: base.width, roomOf: tickRoom }), title: axisTitle },
  }
  return {
    ...base,
    data: { values: bars.map((row) => drawable(row, { scale, look })) },
    encoding: { y: rows },
    layer: [
      {
        transform: [{ filter: `datum.value > ${scale.domain[0]}` }],
        mark: { type: "rect", height: THICKNESS, yOffset: down },
        encoding: {
          x: { ...x, field: "value" },
          x2: { datum: scale.domain[0] },
          color: { field: "color", type: "nominal", scale: null },
        },
      },
      {
        transform: [{ filter: "datum.max > datum.min" }],
        mark: { type: "rule", color: text, strokeWidth: 1.5, yOffset: down },
        encoding: { x: { ...x, field: "min" }, x2: { field: "max" } },
      },
      ...["min", "max"].map((end) => ({
        transform: [{ filter: "datum.max > datum.min" }],
        mark: { type: "tick" as const, color: text, thickness: 1.5, size: 8, yOffset: down },
        encoding: { x: { ...x, field: end } },
      })),
      {
        mark: narrow
          ? { type: "text", align: "left", color: text, baseline: "middle", yOffset: up }
          : { type: "text", align: "right", color: text, baseline: "middle" },
        encoding: { x: { value: narrow ? 0 : -GAP }, text: { field: "name" } },
      },
      {
        mark: narrow
          ? { type: "text", align: "right", color: muted, baseline: "middle", yOffset: up }
          : { type: "text", align: "left", color: text, baseline: "middle", dx: GAP - 2 },
        encoding: {
          x: narrow ? { value: base.width } : { ...x, field: "max" },
          text: { field: "label" },
        },
      },
    ],
  }
}

function drawable(row: BarRow, { scale, look }: { scale: Scale; look: Look }) {
  const { value, min, max } = row
  const placed = { value: within(scale, value), min: within(scale, min), max: within(scale, max) }
  return { ...row, ...placed, color: colorOf(look.palette, row) }
}
