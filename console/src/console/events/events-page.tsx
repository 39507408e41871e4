import { getRouteApi } from "@tanstack/react-router"
import type { Event } from "earmark/client"
import { useState } from "react"
import { useRecentEvents } from "../../api/recent-events.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Failure } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { useChangeFilter } from "../change-filter.ts"
import { FilterSelect } from "../filter-select.tsx"
import { FilterText } from "../filter-text.tsx"
import { type EventsFilter, eventsFilter } from "../filters.ts"
import { EventRow } from "./event-row.tsx"
import { EVENT_TYPES } from "./event-types.ts"

const route = getRouteApi("/console/events")

const ROW_HEIGHT_PX = 84
const ROWS_ON_TOP = 3
/** More than somebody looks through, and no burden for a page that is open for days. */
const EVENTS_MAX = 2_000

export function EventsPage() {
  const filter = eventsFilter(route.useSearch())
  const change = useChangeFilter(filter)
  return (
    <>
      <PageHeader title="Events">
        What happens, as it happens, from when this page was opened. The last {count(EVENTS_MAX)} stay.
      </PageHeader>
      <div className="mb-4 grid gap-3 sm:grid-cols-[14rem_1fr_1fr]">
        <FilterSelect
          label="Type"
          value={EVENT_TYPES.find((type) => type === filter.type)}
          values={EVENT_TYPES}
          onFilter={(type) => change({ type })}
        />
        <FilterText label="Sku" value={filter.sku} onFilter={(sku) => change({ sku })} />
        <FilterText
          label="Reservation"
          value={filter.reservationId}
          onFilter={(reservationId) => change({ reservationId })}
        />
      </div>
      <LiveEvents key={JSON.stringify([filter.sku, filter.reservationId])} {...filter} />
    </>
  )
}

function LiveEvents({ type, ...about }: EventsFilter) {
  const { events, total, error } = useRecentEvents({ ...about, eventsMax: EVENTS_MAX })
  const [still, setStill] = useState<Still | null>(null)
  const shown = (still?.events ?? events).filter((event) => type === undefined || event.type === type)
  const pause = () => setStill((before) => before ?? { events, total })
  const resume = () => {
    setStill(null)
    scrollTo({ top: 0 })
  }
  return (
    <Panel
      title={
        <span role="status">
          {still === null
            ? error === null
              ? "Live"
              : "Not followed"
            : `Paused, ${count(total - still.total)} since`}
        </span>
      }
      actions={
        <Button isSmall onClick={() => (still === null ? pause() : resume())}>
          {still === null ? "Pause" : "Resume"}
        </Button>
      }
    >
      {error !== null && <Failure error={error} />}
      {shown.length === 0 && error === null && (
        <Empty title="Nothing has happened since" command="npm run earmark -- events">
          Reserve something in the shop, and it is here at once. A terminal shows the same with this:
        </Empty>
      )}
      <VirtualRows
        label="Events"
        rows={shown}
        keyOf={({ id }) => id}
        rowHeightPx={ROW_HEIGHT_PX}
        // Whoever scrolls down reads: nothing may move away under the eyes.
        onFirstSeen={(index) => index >= ROWS_ON_TOP && pause()}
      >
        {(event) => <EventRow event={event} onOpen={pause} />}
      </VirtualRows>
    </Panel>
  )
}

/** What is read stands still while more comes. */
interface Still {
  readonly events: readonly Event[]
  readonly total: number
}
