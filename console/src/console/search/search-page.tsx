import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Navigate } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { searchText } from "../filters.ts"
import { CustomerLink, LocationLink, SkuLink, WebhookLink } from "../links.tsx"
import { ReservationRow } from "../reservations/reservation-row.tsx"
import { exactHit, type Found, find, type Hit } from "./find.ts"

const route = getRouteApi("/console/search")

export function SearchPage() {
  const { q = "" } = searchText(route.useSearch())
  const search = useQuery({
    queryKey: ["search", q],
    queryFn: ({ signal }) => find(q, signal),
    enabled: q !== "",
    // What was found before may not be all that there is now, and one hit would be gone to.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const hit = search.data ? exactHit(q, search.data) : null
  if (hit !== null) return <GoTo hit={hit} />
  return (
    <>
      <PageHeader title="Search">{q && <>What is called or contains “{q}”.</>}</PageHeader>
      {q === "" && (
        <Empty title="What is it called?">
          A reservation’s id, a sku or a part of a name, a customer, a location, a webhook.
        </Empty>
      )}
      {search.isLoading && <Loading label="Looking everywhere" />}
      {search.isError && <Failure error={search.error} onRetry={search.refetch} />}
      {search.data && <Results q={q} found={search.data} />}
    </>
  )
}

function GoTo({ hit: { to, id } }: { readonly hit: NonNullable<Hit> }) {
  switch (to) {
    case "reservation":
      return <Navigate to="/console/reservations/$id" params={{ id }} replace />
    case "webhook":
      return <Navigate to="/console/webhooks/$id" params={{ id }} replace />
    case "sku":
      return <Navigate to="/console/stock/$sku" params={{ sku: id }} replace />
    case "location":
      return <Navigate to="/console/stock" search={{ location: id }} replace />
    case "customer":
      return <Navigate to="/console/reservations" search={{ customerId: id }} replace />
  }
}

function Results({ q, found }: { readonly q: string; readonly found: Found }) {
  const { webhooks, items, locations, ofCustomer } = found
  const isNothing = [webhooks, items, locations, ofCustomer].every(({ length }) => length === 0)
  if (isNothing) {
    return (
      <Empty title="Nothing is called that">
        Ids of reservations and customers are looked for as a whole, skus and names also in part.
      </Empty>
    )
  }
  return (
    <div className="flex flex-col gap-5">
      <Group title="Items" rows={items} keyOf={({ sku }) => sku}>
        {({ sku, name, available }) => (
          <>
            <span className="font-medium break-words">{name}</span> <SkuLink sku={sku} />
            <span className="ml-auto text-muted">{count(available)} available</span>
          </>
        )}
      </Group>
      <Group title="Locations" rows={locations} keyOf={({ code }) => code}>
        {({ code, name }) => (
          <>
            <LocationLink location={code} /> <span className="break-words text-muted">{name}</span>
          </>
        )}
      </Group>
      <Group title="Webhooks" rows={webhooks} keyOf={({ id }) => id}>
        {({ id, url }) => (
          <>
            <WebhookLink id={id} /> <span className="break-all">{url}</span>
          </>
        )}
      </Group>
      {ofCustomer.length > 0 && (
        <Panel
          title={
            <>
              Reservations of <CustomerLink customerId={q} />
            </>
          }
        >
          {ofCustomer.map((reservation) => (
            <ReservationRow key={reservation.id} reservation={reservation} />
          ))}
        </Panel>
      )}
    </div>
  )
}

interface GroupProps<Row> {
  readonly title: string
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly children: (row: Row) => ReactNode
}

function Group<Row>({ title, rows, keyOf, children }: GroupProps<Row>) {
  if (rows.length === 0) return null
  return (
    <Panel title={title}>
      <ul className="divide-y divide-line">
        {rows.map((row) => (
          <li key={keyOf(row)} className="flex flex-wrap items-baseline gap-x-3 py-2">
            {children(row)}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
