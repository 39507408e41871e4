import type { JournalEntry } from "earmark/client"
import { operator } from "../../api/client.ts"
import { usePages } from "../../api/pages.ts"
import { Moment } from "../../ui/moment.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { BalanceChanges, KIND_COLORS, kindName } from "../journal-entry.tsx"
import { CustomerLink, LocationLink, ReservationLink } from "../links.tsx"
import { StandsStill } from "../stands-still.tsx"
import { Trace } from "../trace.tsx"

const ROW_HEIGHT_PX = 84

export function stockJournalKey(sku: string) {
  return ["journal", sku] as const
}

export function useStockJournal(sku: string) {
  return usePages(stockJournalKey(sku), (request, options) =>
    operator.stock.journal(sku, request, options).page(),
  )
}

/** Who changed what of an item, and why; the newest first. */
export function StockJournal(journal: ReturnType<typeof useStockJournal>) {
  const { rows, readNext, isPending, error, refetch, isStill, onFirstSeen } = journal
  if (isPending) return <Loading label="Reading the journal" />
  if (error && rows.length === 0) return <Failure error={error} onRetry={refetch} />
  if (rows.length === 0)
    return <Empty title="Nothing has happened to it yet">Receive some units first.</Empty>
  return (
    <>
      {isStill && <StandsStill />}
      <VirtualRows
        label="Journal"
        rows={rows}
        keyOf={({ location, version }) => `${location}/${version}`}
        rowHeightPx={ROW_HEIGHT_PX}
        onEndNear={readNext}
        onFirstSeen={onFirstSeen}
      >
        {(entry) => <EntryRow entry={entry} />}
      </VirtualRows>
    </>
  )
}

function EntryRow({ entry }: { readonly entry: JournalEntry }) {
  const { occurredAt, location, actor, reason, reference, reservationId, customerId, traceparent } = entry
  return (
    <div className="border-t border-line py-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={`${KIND_COLORS[entry.kind]} size-2.5 shrink-0 rounded-full`} />
        <b className="font-semibold">{kindName(entry)}</b>
        <span className="text-muted">
          at <LocationLink location={location} /> by{" "}
          <span className="break-all">{actor ?? "nobody named"}</span>
        </span>
        <BalanceChanges entry={entry} />
        <span className="text-sm text-muted sm:ml-auto">
          <Moment at={occurredAt} />
        </span>
      </div>
      <div className="mt-0.5 flex flex-wrap gap-x-4 pl-5.5 text-sm">
        {reservationId && (
          <span className="min-w-0">
            <ReservationLink id={reservationId} />{" "}
            {customerId && (
              <>
                of <CustomerLink customerId={customerId} />
              </>
            )}
          </span>
        )}
        {reason && <span className="break-words">reason: {reason}</span>}
        {reference && <span className="break-words">reference: {reference}</span>}
        {traceparent && <Trace traceparent={traceparent} />}
      </div>
    </div>
  )
}
