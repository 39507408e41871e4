import type { Event } from "earmark/client"
import type { ReactNode } from "react"
import { Badge } from "../../ui/badge.tsx"
import { Moment } from "../../ui/moment.tsx"
import { count } from "../../ui/numbers.ts"
import { LocationLink, ReservationLink, SkuLink } from "../links.tsx"
import { TONE_OF_TYPE } from "./event-types.ts"

interface EventRowProps {
  readonly event: Event
  /** Told when somebody looks at the whole of it. */
  readonly onOpen?: () => void
}

/** An event in a line or two; it opens to what was sent. */
export function EventRow({ event, onOpen }: EventRowProps) {
  const { type, time, id, data } = event
  return (
    <div className="border-t border-line py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span className="sm:w-52">
          <Badge tone={TONE_OF_TYPE[type]}>{type}</Badge>
        </span>
        <span className="min-w-0 flex-1 basis-64">
          <What event={event} />
        </span>
        <span className="text-muted">
          {data.actor !== null && <span className="break-all">{data.actor}, </span>}
          <Moment at={time} />
        </span>
      </div>
      <details onToggle={({ currentTarget }) => currentTarget.open && onOpen?.()}>
        <summary className="w-fit text-sm text-muted">
          Event <code>{id}</code>
        </summary>
        <pre className="mt-1 rounded-lg bg-sunken p-3 text-xs break-all whitespace-pre-wrap">
          {JSON.stringify(event, null, 2)}
        </pre>
      </details>
    </div>
  )
}

function What({ event }: { readonly event: Event }): ReactNode {
  const { data } = event
  if ("lines" in data) {
    return (
      <>
        <ReservationLink id={data.reservation.id} />
        {data.lines.map(({ sku, location, quantity }) => (
          <span key={`${sku} ${location}`} className="block">
            {count(quantity)} × <SkuLink sku={sku} /> from <LocationLink location={location} />
          </span>
        ))}
      </>
    )
  }
  const { sku, location, available } = data.level
  return (
    <>
      <SkuLink sku={sku} /> at <LocationLink location={location} />: {change(event)}
      {count(available)} available
    </>
  )
}

function change({ data }: Event): string {
  if ("crossing" in data) return `${data.crossing.replaceAll("_", " ")}, `
  if ("delta" in data) return `${data.delta > 0 ? "+" : ""}${count(data.delta)}, `
  return ""
}
