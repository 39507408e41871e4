import { isProblem, type Shortage } from "earmark/client"
import { Button } from "../../ui/button.tsx"
import { Notice } from "../../ui/notice.tsx"
import { Failure } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { nameOf, useLocations } from "../use-locations.ts"
import type { Reserving } from "./use-reserve.ts"

interface RefusalProps {
  readonly reserving: Reserving
  /** Of an item, for people. */
  readonly nameOfItem: (sku: string) => string
  /** Asks for what there is instead. */
  readonly onTake: (shortages: readonly Shortage[]) => void
}

/** Why nothing was reserved, in words, and what can be done. */
export function Refusal({ reserving, nameOfItem, onTake }: RefusalProps) {
  const locations = useLocations()
  const { refusal, attempt } = reserving
  if (refusal === null || attempt === null) return null
  if (!isProblem(refusal, "insufficient_stock")) return <Failure error={refusal} />
  const { shortages } = refusal
  const isAnyLeft =
    shortages.some(({ available }) => available > 0) || attempt.basket.lines.length > shortages.length
  return (
    <Notice tone="warn" title="Too late: not enough units are available">
      <ul className="flex flex-col gap-1">
        {shortages.map(({ sku, location, requested, available }) => (
          <li key={`${sku} ${location ?? ""}`} className="break-words">
            {nameOfItem(sku)}
            {location !== undefined && ` at ${nameOf(locations, location)}`}: {count(requested)} asked for,{" "}
            <strong>{available === 0 ? "none" : count(available)} available</strong>.
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted">Nothing was reserved: a reservation is all or nothing.</p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        {isAnyLeft && (
          <Button isSmall className="min-h-11" onClick={() => onTake(shortages)}>
            Take what there is
          </Button>
        )}
        <a
          href={`/console/refusals?lines=${encodeURIComponent(JSON.stringify(attempt.basket.lines))}`}
          className="inline-flex min-h-11 items-center font-medium text-accent underline"
        >
          Why?
        </a>
      </div>
    </Notice>
  )
}
