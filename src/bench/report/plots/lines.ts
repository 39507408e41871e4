/** Lines, each with its name at the end. */
import type { TopLevelSpec } from "vega-lite"
import { colorOf, dashOf, type Named, type Palette, shapeOf } from "./palette.ts"
import { AXIS_HEIGHT, axisFor, FONT_SIZE, frame, type Look, scaleSpec, textWidth, tickRoom } from "./plot.ts"
import { fractionOf, type Scale, valueAt, within } from "./scale.ts"
import { spreadLabels } from "./spread-labels.ts"

export interface Line {
  readonly contender: Named
  /** At its end. */
  readonly label: string
  /** Told apart from another of the same contender. */
  readonly dashed?: boolean
  /** Ascending in x; at least one. */
  readonly points: readonly LinePoint[]
}

export interface LinePoint {
  readonly x: number
  readonly y: number
  readonly min?: number
  readonly max?: number
}

export interface Lines {
  readonly lines: readonly Line[]
  readonly x: TitledScale
  readonly y: TitledScale
  /** Whether each point was measured by itself, or the line is all there is to see. */
  readonly marked: boolean
}

export interface TitledScale {
  readonly scale: Scale
  readonly title: string
}

const HEIGHT = 250
const LABEL_GAP = 16
const LABEL_DISTANCE = 12
const LINE_ROOM = 22

export function drawLines({ lines: given, x, y, marked }: Lines, look: Look): TopLevelSpec {
  const lines = given.map((line) => ({
    ...line,
    points: line.points.map((point) => drawable(point, y.scale)),
  }))
  const margins = {
    left: 14 + Math.max(...y.scale.ticks.map(({ label }) => textWidth(label))),
    right: LABEL_DISTANCE + 6 + Math.max(...lines.map(({ label }) => textWidth(label))),
    top: 2 * FONT_SIZE + 8,
    bottom: AXIS_HEIGHT,
  }
  const base = frame(look, { margins, height: HEIGHT })
  const xAxis = { ...axisFor(x.scale, { length: base.width, roomOf: tickRoom }), title: x.title }
  // Its title lies above, where it can be read without turning one's head.
  const yAxis = {
    ...axisFor(y.scale, { length: HEIGHT, roomOf: () => LINE_ROOM }),
    title: y.title,
    titleAngle: 0,
    titleAlign: "left" as const,
    titleX: 8 - margins.left,
    titleY: -FONT_SIZE - 6,
    titleBaseline: "middle" as const,
  }
  const across = {
    field: "x",
    type: "quantitative" as const,
    scale: scaleSpec(x.scale),
    axis: xAxis,
  }
  const upwards = { type: "quantitative" as const, scale: scaleSpec(y.scale), axis: yAxis }
  const color = { field: "color", type: "nominal" as const, scale: null }
  return {
    ...base,
    encoding: { x: across, color },
    layer: [
      ...lines.map((line) => ({
        data: { values: pointsOf(line, look.palette) },
        mark: {
          type: "line" as const,
          strokeWidth: 2,
          strokeDash: line.dashed ? [5, 3] : dashOf(line.contender),
        },
        encoding: { y: { ...upwards, field: "y" } },
      })),
      ...(marked ? markers(lines, look.palette, upwards) : []),
      ...endLabels({ lines, y: y.scale, width: base.width }, look.palette, upwards),
    ],
  }
}

function drawable({ x, y, min = y, max = y }: LinePoint, scale: Scale): LinePoint {
  return { x, y: within(scale, y), min: within(scale, min), max: within(scale, max) }
}

type Upwards = { type: "quantitative"; scale: object; axis: object }

function pointsOf(line: Line, palette: Palette) {
  const color = colorOf(palette, line.contender)
  return line.points.map((point) => ({ ...point, color }))
}

function markers(lines: readonly Line[], palette: Palette, upwards: Upwards) {
  return lines.flatMap((line) => {
    const data = { values: pointsOf(line, palette) }
    return [
      {
        data,
        mark: { type: "rule" as const, strokeWidth: 1.5 },
        encoding: { y: { ...upwards, field: "min" }, y2: { field: "max" } },
      },
      {
        data,
        mark: { type: "point" as const, filled: true, opacity: 1, size: 50, shape: shapeOf(line.contender) },
        encoding: { y: { ...upwards, field: "y" } },
      },
    ]
  })
}

/** Names at the right edge, pushed apart, each led to from where its line ends. */
function endLabels(
  { lines, y, width }: { lines: readonly Line[]; y: Scale; width: number },
  palette: Palette,
  upwards: Upwards,
) {
  const ends = lines.flatMap((line) => {
    const last = line.points.at(-1)
    return last ? [{ label: line.label, color: colorOf(palette, line.contender), x: last.x, y: last.y }] : []
  })
  const wanted = ends.map((end) => fractionOf(y, end.y) * HEIGHT)
  const placed = spreadLabels(wanted, { gap: LABEL_GAP, length: HEIGHT })
  const values = ends.map((end, index) => ({ ...end, labelY: valueAt(y, (placed[index] ?? 0) / HEIGHT) }))
  return [
    {
      data: { values },
      mark: { type: "rule" as const, strokeWidth: 1, opacity: 0.45 },
      encoding: {
        y: { ...upwards, field: "y" },
        x2: { value: width + LABEL_DISTANCE - 4 },
        y2: { field: "labelY" },
      },
    },
    {
      data: { values },
      mark: { type: "text" as const, align: "left" as const, baseline: "middle" as const },
      encoding: {
        x: { value: width + LABEL_DISTANCE },
        y: { ...upwards, field: "labelY" },
        text: { field: "label" },
      },
    },
  ]
}
