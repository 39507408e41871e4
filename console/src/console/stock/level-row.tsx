import type { Item } from "earmark/client"
import type { ReactNode } from "react"
import { StockMeter } from "../../ui/stock-meter.tsx"
import { Figure } from "../figure.tsx"
import { LocationLink } from "../links.tsx"

export type Level = Item["locations"][number]

/** The same columns in each row and in what stands above them. */
const COLUMNS =
  "sm:grid sm:grid-cols-[minmax(6rem,10rem)_minmax(6rem,1fr)_repeat(5,minmax(4.2rem,5.5rem))] sm:items-center sm:gap-3"

export function LevelHeadings() {
  return (
    <div aria-hidden="true" className={`${COLUMNS} hidden px-1 pb-1 text-right text-sm text-muted`}>
      <span className="text-left">location</span>
      <span />
      <span>available</span>
      <span>on hand</span>
      <span>held</span>
      <span>allotted</span>
      <span>safety</span>
    </div>
  )
}

interface LevelRowProps {
  readonly level: Level
  /** Of what is held: what Redis may grant. */
  readonly allotted: number
  readonly scaleMax: number
  /** What can be done to it. */
  readonly children?: ReactNode
}

export function LevelRow({ level, allotted: allottedThen, scaleMax, children }: LevelRowProps) {
  // It was asked for some seconds ago: Redis may have given units back since.
  const allotted = Math.min(allottedThen, level.held)
  return (
    <div className="py-1.5">
      <div className={`${COLUMNS} flex flex-wrap gap-x-3 gap-y-1 px-1`}>
        <span className="max-sm:w-full">
          <LocationLink location={level.location} />
        </span>
        <span className="max-sm:order-last max-sm:w-full">
          <StockMeter units={{ ...level, allotted }} scaleMax={scaleMax} />
        </span>
        <Figure name="available" units={level.available} isMain />
        <Figure name="on hand" units={level.onHand} />
        <Figure name="held" units={level.held - allotted} />
        <Figure name="allotted" units={allotted} />
        <Figure name="safety" units={level.safetyStock} />
      </div>
      {children}
    </div>
  )
}
