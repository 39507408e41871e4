import type { Reservation } from "earmark/client"
import { Moment } from "../../ui/moment.tsx"
import { count } from "../../ui/numbers.ts"
import { StateBadge } from "../../ui/state-badge.tsx"
import { CustomerLink, LocationLink, ReservationLink, SkuLink } from "../links.tsx"
import { TimeLeft } from "../time-left.tsx"

/** Lines shown of each: its own page has them all. */
const LINES_SHOWN_MAX = 3

export function ReservationRow({ reservation }: { readonly reservation: Reservation }) {
  const { id, state, customerId, lines, expiresAt, createdAt, durability } = reservation
  const hidden = lines.length - LINES_SHOWN_MAX
  return (
    <div className="grid gap-x-4 gap-y-1 border-t border-line py-3 sm:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_12rem]">
      <div className="min-w-0">
        <ReservationLink id={id} />
        <p className="text-sm text-muted">
          <CustomerLink customerId={customerId} />, made <Moment at={createdAt} />
          {durability === "provisional" && ", not yet persisted"}
        </p>
      </div>
      <ul className="min-w-0 text-sm">
        {lines.slice(0, LINES_SHOWN_MAX).map(({ sku, location, quantity }) => (
          <li key={`${sku} ${location}`}>
            {count(quantity)} × <SkuLink sku={sku} /> <span className="text-muted">from</span>{" "}
            <LocationLink location={location} />
          </li>
        ))}
        {hidden > 0 && <li className="text-muted">and {hidden} more</li>}
      </ul>
      <p className="flex items-start gap-3 sm:justify-end">
        {state === "held" && (
          <span className="text-sm">
            <TimeLeft expiresAt={expiresAt} />
          </span>
        )}
        <StateBadge state={state} />
      </p>
    </div>
  )
}
