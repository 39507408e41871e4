import { Link } from "@tanstack/react-router"
import type { Reservation, Shortage } from "earmark/client"
import { Button } from "../../ui/button.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Panel } from "../../ui/panel.tsx"
import { Refusal } from "../reserving/refusal.tsx"
import { UnfinishedAttempt } from "../reserving/unfinished-attempt.tsx"
import { useReserve } from "../reserving/use-reserve.ts"
import { useItems } from "../use-items.ts"
import { type End, EndMark } from "./end-mark.tsx"

const HAPPENED: Record<End, string> = {
  confirmed: "Sold to you",
  released: "Given back",
  expired: "Not paid in time",
}

interface Line {
  readonly sku: string
  readonly quantity: number
}

interface OutcomeProps {
  readonly reservation: Reservation
  readonly end: End
}

/** How it ended, and how to have the same once more. */
export function Outcome({ reservation, end }: OutcomeProps) {
  const reserving = useReserve()
  const items = useItems(reservation.lines.map(({ sku }) => sku))
  const lines = asWanted(reservation.lines)
  return (
    <Panel>
      <div className="mb-5 flex items-center gap-4">
        <EndMark end={end} />
        <div className="min-w-0">
          <p className="text-lg font-semibold">{HAPPENED[end]}</p>
          <p className="text-muted">
            <Moment at={end === "expired" ? reservation.expiresAt : reservation.updatedAt} />
          </p>
        </div>
      </div>
      <UnfinishedAttempt reserving={reserving} />
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" isBusy={reserving.isPending} onClick={() => reserving.reserve({ lines })}>
          Reserve the same again
        </Button>
        <Link
          to="/"
          className="inline-flex min-h-11 items-center rounded-lg px-4 font-medium text-accent hover:bg-sunken"
        >
          Back to the shop
        </Link>
      </div>
      {!reserving.isPending && reserving.refusal !== null && (
        <div className="mt-4">
          <Refusal
            reserving={reserving}
            nameOfItem={(sku) => items.get(sku)?.name ?? sku}
            onTake={(shortages) => reserving.reserve({ lines: whatThereIs(lines, shortages) })}
          />
        </div>
      )}
    </Panel>
  )
}

/** What came from several locations was asked for as one, and any location is good enough. */
function asWanted(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>()
  for (const { sku, quantity } of lines) quantities.set(sku, quantity + (quantities.get(sku) ?? 0))
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}

function whatThereIs(lines: readonly Line[], shortages: readonly Shortage[]): Line[] {
  const available = new Map(shortages.map((shortage) => [shortage.sku, shortage.available]))
  return lines
    .map(({ sku, quantity }) => ({ sku, quantity: available.get(sku) ?? quantity }))
    .filter(({ quantity }) => quantity > 0)
}
