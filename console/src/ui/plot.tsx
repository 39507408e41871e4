import "uplot/dist/uPlot.min.css"
import { useEffect, useRef } from "react"
import UPlot from "uplot"
import { colorOf, type Token, useScheme } from "./token-colors.ts"

export interface PlotSeries {
  readonly label: string
  readonly color: Token
  /** One for each x; null leaves a gap. */
  readonly values: readonly (number | null)[]
  readonly isFilled?: boolean
}

interface PlotProps {
  /** What it shows, for whoever does not see it; with the latest values if they matter. */
  readonly description: string
  readonly xs: readonly number[]
  /** x as people read it. */
  readonly xLabel: (x: number) => string
  readonly yLabel: (y: number) => string
  readonly series: readonly PlotSeries[]
  /** The least width of the scale of x: the lines come in from the right. */
  readonly xSpanMin?: number
  readonly heightPx?: number
}

const HEIGHT_PX = 180
const X_AXIS_PX = 26
const Y_AXIS_PX = 58
/** A tick for so many pixels, so that their labels do not touch. */
const X_TICK_PX = 90
const LINE_PX = 2
const FILL_ALPHA = 0.16
/** A scale from 0 that never collapses: a line of zeros lies at the bottom. */
const Y_RANGE_MIN = 1
const Y_HEADROOM = 1.1

/** Lines over a common x that may move; a canvas, so that many points a second cost little. */
export function Plot({
  description,
  xs,
  xLabel,
  yLabel,
  series,
  xSpanMin = 0,
  heightPx = HEIGHT_PX,
}: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(null)
  const data = useRef<UPlot.AlignedData>([[]])
  data.current = [[...xs], ...series.map(({ values }) => [...values])]
  const labels = useRef({ xLabel, yLabel })
  labels.current = { xLabel, yLabel }
  const scheme = useScheme()
  const shape = series.map(({ label, color, isFilled }) => `${label}:${color}:${isFilled}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `scheme` and `shape` say when it looks otherwise
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const grid = { stroke: colorOf("line"), width: 1 }
    const axis = { stroke: colorOf("muted"), grid, ticks: { show: false } }
    const drawn = new UPlot(
      {
        width: element.clientWidth,
        height: heightPx,
        legend: { show: false },
        cursor: { y: false, drag: { setScale: false } },
        scales: {
          x: { time: false, range: (_plot, min, max) => [Math.min(min, max - xSpanMin), max] },
          y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, Y_RANGE_MIN) * Y_HEADROOM] },
        },
        axes: [
          {
            ...axis,
            space: X_TICK_PX,
            size: X_AXIS_PX,
            values: (_plot, ticks) => ticks.map((x) => labels.current.xLabel(x)),
          },
          {
            ...axis,
            size: Y_AXIS_PX,
            values: (_plot, ticks) => ticks.map((y) => labels.current.yLabel(y)),
          },
        ],
        series: [
          {},
          ...series.map(({ label, color, isFilled = false }) => ({
            label,
            stroke: colorOf(color),
            width: LINE_PX,
            points: { show: false },
            ...(isFilled && { fill: colorOf(color).replace(/\)$/, ` / ${FILL_ALPHA})`) }),
          })),
        ],
      },
      data.current,
      element,
    )
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: heightPx }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      drawn.destroy()
    }
  }, [scheme, shape, xSpanMin, heightPx])
  useEffect(() => {
    plot.current?.setData(data.current)
  })
  return (
    <figure className="min-w-0">
      <div
        ref={place}
        role="img"
        aria-label={description}
        className="w-full overflow-hidden"
        style={{ height: heightPx }}
      />
      <figcaption className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
        {series.map(({ label, color, values }) => {
          const latest = values.findLast((value) => value !== null)
          return (
            <span key={label} className="flex items-center gap-1.5">
              <span className="h-0.5 w-4" style={{ background: `var(--${color})` }} />
              {label}
              {latest !== undefined && latest !== null && (
                <b className="font-semibold text-ink">{yLabel(latest)}</b>
              )}
            </span>
          )
        })}
      </figcaption>
    </figure>
  )
}
