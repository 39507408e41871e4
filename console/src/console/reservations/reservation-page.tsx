import { useQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import type { Reservation } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { useLiveQueries } from "../../api/live-queries.ts"
import { Button } from "../../ui/button.tsx"
import { Copyable } from "../../ui/copyable.tsx"
import { Moment } from "../../ui/moment.tsx"
import { Failure, Loading } from "../../ui/notices.tsx"
import { count, duration } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { StateBadge } from "../../ui/state-badge.tsx"
import { Facts } from "../facts.tsx"
import { CustomerLink, LocationLink, SkuLink } from "../links.tsx"
import { TimeLeft } from "../time-left.tsx"
import { ExtendDialog, ReleaseDialog } from "./reservation-dialogs.tsx"
import { ReservationEvents } from "./reservation-events.tsx"
import { Timeline } from "./timeline.tsx"

const route = getRouteApi("/console/reservations/$id")

export function ReservationPage() {
  const { id }: { readonly id: string } = route.useParams()
  const reservation = useQuery({
    queryKey: ["reservations", "one", id],
    queryFn: ({ signal }) => operator.reservations.get(id, { signal }),
  })
  if (reservation.isPending) return <Loading label="Reading the reservation" />
  if (reservation.data === undefined)
    return <Failure error={reservation.error} onRetry={reservation.refetch} />
  return <ReservationDetails key={id} reservation={reservation.data} />
}

function ReservationDetails({ reservation }: { readonly reservation: Reservation }) {
  const { id, state, expiresAt } = reservation
  const [doing, setDoing] = useState<"release" | "extend" | null>(null)
  useLiveQueries({ reservationId: id }, [
    ["reservations", "one", id],
    ["reservations", "journal", id],
    ["reservations", "events", id],
  ])
  const actions = state === "held" && (
    <>
      <Button onClick={() => setDoing("extend")}>Extend</Button>
      <Button kind="danger" onClick={() => setDoing("release")}>
        Release
      </Button>
    </>
  )
  return (
    <>
      <PageHeader title="Reservation" actions={actions || undefined}>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Copyable text={id} />
          <StateBadge state={state} />
          {state === "held" && <TimeLeft expiresAt={expiresAt} />}
        </span>
      </PageHeader>
      <div className="grid grid-cols-1 gap-5 lg:grid-cols-2">
        <Panel title="What it is" className="lg:col-span-2">
          <ReservationFacts reservation={reservation} />
        </Panel>
        <Panel title="Lines">
          <Lines reservation={reservation} />
        </Panel>
        <Panel title="Timeline">
          <Timeline id={id} />
        </Panel>
        <Panel title="Events" className="lg:col-span-2">
          <ReservationEvents id={id} />
        </Panel>
      </div>
      {doing === "release" && <ReleaseDialog reservation={reservation} onClose={() => setDoing(null)} />}
      {doing === "extend" && <ExtendDialog reservation={reservation} onClose={() => setDoing(null)} />}
    </>
  )
}

function ReservationFacts({ reservation }: { readonly reservation: Reservation }) {
  const { customerId, createdAt, updatedAt, expiresAt, ttlSeconds, reference, metadata, durability } =
    reservation
  const isProvisional = durability === "provisional"
  return (
    <Facts
      facts={{
        Customer: <CustomerLink customerId={customerId} />,
        Made: <Moment at={createdAt} />,
        Deadline: <Moment at={expiresAt} />,
        "Held for": duration(ttlSeconds * 1_000),
        "Last change": <Moment at={updatedAt} />,
        Reference: reference,
        Durability: isProvisional ? "provisional: Redis granted it, and it is not persisted yet" : null,
        Metadata:
          Object.keys(metadata).length > 0 ? (
            <code className="break-all">{JSON.stringify(metadata)}</code>
          ) : null,
      }}
    />
  )
}

function Lines({ reservation: { lines } }: { readonly reservation: Reservation }) {
  return (
    <ul className="divide-y divide-line">
      {lines.map(({ sku, location, quantity }) => (
        <li key={`${sku} ${location}`} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
          <span className="min-w-12 font-semibold">{count(quantity)} ×</span>
          <SkuLink sku={sku} />
          <span className="ml-auto">
            <span className="text-muted">from</span> <LocationLink location={location} />
          </span>
        </li>
      ))}
    </ul>
  )
}
