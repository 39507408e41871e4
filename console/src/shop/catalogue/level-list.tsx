import type { Item } from "earmark/client"
import { LiveNumber } from "../../ui/live-number.tsx"
import { StockMeter } from "../../ui/stock-meter.tsx"
import { nameOf, useLocations } from "../use-locations.ts"

/** What is available where; the meters of one item compare with each other. */
export function LevelList({ levels }: { readonly levels: Item["locations"] }) {
  const names = useLocations()
  const onHandMax = Math.max(...levels.map(({ onHand }) => onHand), 1)
  if (levels.length === 0) return <p className="text-sm text-muted">At no location yet.</p>
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {levels.map((level) => (
        <li key={level.location} className="grid grid-cols-[minmax(0,7rem)_1fr_3rem] items-center gap-3">
          <span className="break-words">{nameOf(names, level.location)}</span>
          <StockMeter units={level} scaleMax={onHandMax} />
          <span className="text-right font-medium">
            <LiveNumber value={level.available} />
          </span>
        </li>
      ))}
    </ul>
  )
}
