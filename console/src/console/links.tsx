/** Everything that has a page of its own leads there, wherever it is named. */
import { Link } from "@tanstack/react-router"

const LINK = "text-accent underline underline-offset-2 decoration-line hover:decoration-current break-all"
const ID = `${LINK} font-mono text-[0.92em]`

export function SkuLink({ sku }: { readonly sku: string }) {
  return (
    <Link to="/console/stock/$sku" params={{ sku }} className={ID}>
      {sku}
    </Link>
  )
}

export function LocationLink({ location }: { readonly location: string }) {
  return (
    <Link to="/console/stock" search={{ location }} className={LINK}>
      {location}
    </Link>
  )
}

export function ReservationLink({ id }: { readonly id: string }) {
  return (
    <Link to="/console/reservations/$id" params={{ id }} className={ID}>
      {id}
    </Link>
  )
}

export function CustomerLink({ customerId }: { readonly customerId: string | null }) {
  if (customerId === null) return <span className="text-muted">no customer</span>
  return (
    <Link to="/console/reservations" search={{ customerId }} className={LINK}>
      {customerId}
    </Link>
  )
}

export function WebhookLink({ id }: { readonly id: string }) {
  return (
    <Link to="/console/webhooks/$id" params={{ id }} className={ID}>
      {id}
    </Link>
  )
}

/** What an event is about: a reservation, or an item at a location. */
export function SubjectLink({ subject }: { readonly subject: string }) {
  if (subject.startsWith("rsv_")) return <ReservationLink id={subject} />
  const [sku = "", location] = subject.split("/")
  if (location === undefined) return <span className="break-all">{subject}</span>
  return (
    <>
      <SkuLink sku={sku} /> at <LocationLink location={location} />
    </>
  )
}
