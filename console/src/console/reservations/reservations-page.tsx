import { getRouteApi } from "@tanstack/react-router"
import { operator } from "../../api/client.ts"
import { useLiveQueries } from "../../api/live-queries.ts"
import { usePages } from "../../api/pages.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { useChangeFilter } from "../change-filter.ts"
import { FilterSelect } from "../filter-select.tsx"
import { FilterText } from "../filter-text.tsx"
import { RESERVATION_STATES, type ReservationsFilter, reservationsFilter } from "../filters.ts"
import { StandsStill } from "../stands-still.tsx"
import { ReservationRow } from "./reservation-row.tsx"

const route = getRouteApi("/console/reservations")

const ROW_HEIGHT_PX = 76

export function ReservationsPage() {
  const filter = reservationsFilter(route.useSearch())
  const change = useChangeFilter(filter)
  const isFiltered = Object.keys(filter).length > 0
  return (
    <>
      <PageHeader title="Reservations">
        Who holds what until when, and what became of it. Newest first.
      </PageHeader>
      <div className="mb-4 grid grid-cols-2 items-end gap-3 sm:grid-cols-[10rem_1fr_1fr_auto]">
        <FilterSelect
          label="State"
          value={filter.state}
          values={RESERVATION_STATES}
          onFilter={(state) => change({ state })}
        />
        <FilterText
          label="Customer"
          value={filter.customerId}
          onFilter={(customerId) => change({ customerId })}
        />
        <FilterText label="Sku" value={filter.sku} onFilter={(sku) => change({ sku })} />
        <Button
          disabled={!isFiltered}
          onClick={() => change({ state: undefined, customerId: undefined, sku: undefined })}
        >
          All
        </Button>
      </div>
      <Panel>
        <ReservationList filter={filter} isFiltered={isFiltered} />
      </Panel>
    </>
  )
}

interface ReservationListProps {
  readonly filter: ReservationsFilter
  readonly isFiltered: boolean
}

function ReservationList({ filter, isFiltered }: ReservationListProps) {
  const key = ["reservations", "list", filter]
  const { rows, readNext, isPending, error, refetch, isStill, onFirstSeen } = usePages(
    key,
    (request, options) => operator.reservations.list({ ...request, ...filter }, options).page(),
  )
  useLiveQueries(filter.sku ? { sku: filter.sku } : {}, isStill ? [] : [key])
  if (isPending) return <Loading label="Reading the reservations" />
  if (error && rows.length === 0) return <Failure error={error} onRetry={refetch} />
  if (rows.length === 0 && isFiltered) {
    return <Empty title="No reservation is like this">Take something out of the filter.</Empty>
  }
  if (rows.length === 0) {
    return (
      <Empty title="Nothing has been reserved yet">
        Reserve something in the{" "}
        <a href="/" className="text-accent underline">
          shop
        </a>
        , or let the{" "}
        <a href="/theatre" className="text-accent underline">
          theatre
        </a>{" "}
        show how it goes.
      </Empty>
    )
  }
  return (
    <>
      {isStill && <StandsStill />}
      <VirtualRows
        label="Reservations"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeightPx={ROW_HEIGHT_PX}
        onEndNear={readNext}
        onFirstSeen={onFirstSeen}
      >
        {(reservation) => <ReservationRow reservation={reservation} />}
      </VirtualRows>
    </>
  )
}
