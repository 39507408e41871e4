import { count } from "./numbers.ts"

export interface Units {
  readonly onHand: number
  readonly held: number
  readonly safetyStock: number
  readonly available: number
  /** Of `held`: what Redis may grant. */
  readonly allotted?: number
}

interface StockMeterProps {
  readonly units: Units
  /** What the full width stands for: the most of a list, so that they compare. The level's own if not given. */
  readonly scaleMax?: number
}

/** One stock level drawn: available, held, allotted and safety stock side by side make what is on hand. */
export function StockMeter({ units, scaleMax = units.onHand }: StockMeterProps) {
  const { onHand, held, available, allotted = 0 } = units
  const parts = [
    { name: "available", units: available, color: "bg-available" },
    { name: "held", units: held - allotted, color: "bg-held" },
    { name: "allotted", units: allotted, color: "bg-allotted" },
    // What is kept back can be more than what is left: it is drawn as far as there are units.
    { name: "safety stock", units: onHand - held - available, color: "bg-safety" },
  ].filter((part) => part.units > 0)
  const said = parts.map((part) => `${count(part.units)} ${part.name}`).join(", ")
  return (
    <div
      role="img"
      aria-label={`${count(onHand)} on hand: ${said || "none"}`}
      className="flex h-3 w-full overflow-hidden rounded-full bg-sunken"
    >
      {parts.map((part) => (
        <div
          key={part.name}
          className={`${part.color} border-r border-panel transition-[width] duration-300 last:border-r-0`}
          style={{ width: `${(100 * part.units) / Math.max(scaleMax, 1)}%` }}
        />
      ))}
    </div>
  )
}

const LEGEND = [
  { name: "available", color: "bg-available" },
  { name: "held", color: "bg-held" },
  { name: "allotted to Redis", color: "bg-allotted" },
  { name: "safety stock", color: "bg-safety" },
] as const

export function StockLegend() {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
      {LEGEND.map(({ name, color }) => (
        <li key={name} className="flex items-center gap-1.5">
          <span className={`${color} size-2.5 rounded-full`} /> {name}
        </li>
      ))}
    </ul>
  )
}
