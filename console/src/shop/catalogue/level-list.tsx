import type { Item } from "earmark/client"
import { LiveNumber } from "../../ui/live-number.tsx"
import { count } from "../../ui/numbers.ts"
import { StockMeter } from "../../ui/stock-meter.tsx"
import { nameOf, useLocations } from "../use-locations.ts"

type Levels = Item["locations"]

/** An item may lie at dozens of locations: those that would be taken first, the others when they are asked for. */
const SHOWN_MAX = 6

/** What is available where; the meters of one item compare with each other. */
export function LevelList({ levels }: { readonly levels: Levels }) {
  const onHandMax = Math.max(...levels.map(({ onHand }) => onHand), 1)
  const others = levels.slice(SHOWN_MAX)
  if (levels.length === 0) return <p className="text-sm text-muted">At no location yet.</p>
  return (
    <div className="text-sm">
      <Rows levels={levels.slice(0, SHOWN_MAX)} onHandMax={onHandMax} />
      {others.length > 0 && (
        <details className="mt-1">
          <summary className="flex min-h-11 items-center text-accent underline">
            {count(others.length)} more {others.length === 1 ? "location" : "locations"}
          </summary>
          <Rows levels={others} onHandMax={onHandMax} />
        </details>
      )}
    </div>
  )
}

function Rows({ levels, onHandMax }: { readonly levels: Levels; readonly onHandMax: number }) {
  const names = useLocations()
  return (
    <ul className="flex flex-col gap-2">
      {levels.map((level) => (
        <li key={level.location} className="grid grid-cols-[minmax(0,7rem)_1fr_3rem] items-center gap-3">
          <span className="line-clamp-3 break-words">{nameOf(names, level.location)}</span>
          <StockMeter units={level} scaleMax={onHandMax} />
          <span className="text-right font-medium">
            <LiveNumber value={level.available} />
          </span>
        </li>
      ))}
    </ul>
  )
}
