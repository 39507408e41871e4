import { useQueryClient } from "@tanstack/react-query"
import type { Delivery } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { usePages } from "../../api/pages.ts"
import { useSend } from "../../api/use-send.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { Panel } from "../../ui/panel.tsx"
import { useTell } from "../../ui/toasts.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { useChangeFilter } from "../change-filter.ts"
import { FilterSelect } from "../filter-select.tsx"
import { DELIVERY_STATES, type DeliveriesFilter } from "../filters.ts"
import { StandsStill } from "../stands-still.tsx"
import { DeliveryRow } from "./delivery-row.tsx"

const ROW_HEIGHT_PX = 72
const LOOK_INTERVAL_MS = 2_000

interface DeliveriesProps {
  readonly webhookId: string
  readonly filter: DeliveriesFilter
}

/** What was sent and what came of it; those that failed for good are its dead letters. */
export function Deliveries({ webhookId, filter }: DeliveriesProps) {
  const change = useChangeFilter(filter)
  const { rows, readNext, isPending, error, refetch, isStill, onFirstSeen } = usePages(
    ["webhooks", "deliveries", webhookId, filter],
    (request, options) => operator.webhooks.deliveries(webhookId, { ...request, ...filter }, options).page(),
    LOOK_INTERVAL_MS,
  )
  return (
    <Panel title="Deliveries">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div className="w-40">
          <FilterSelect
            label="State"
            value={filter.state}
            values={DELIVERY_STATES}
            onFilter={(state) => change({ state })}
          />
        </div>
        {filter.state === "failed" && rows.length > 0 && <Replay webhookId={webhookId} failed={rows} />}
      </div>
      {isPending && <Loading label="Reading the deliveries" />}
      {error && rows.length === 0 && <Failure error={error} onRetry={refetch} />}
      {!isPending && !error && rows.length === 0 && <NoDeliveries state={filter.state} />}
      {isStill && <StandsStill />}
      <VirtualRows
        label="Deliveries"
        rows={rows}
        keyOf={({ id }) => id}
        rowHeightPx={ROW_HEIGHT_PX}
        onEndNear={readNext}
        onFirstSeen={onFirstSeen}
      >
        {(delivery) => <DeliveryRow webhookId={webhookId} delivery={delivery} />}
      </VirtualRows>
    </Panel>
  )
}

function NoDeliveries({ state }: { readonly state: Delivery["state"] | undefined }) {
  if (state === "failed")
    return <Empty title="No dead letters">Whatever was sent was received in the end.</Empty>
  if (state !== undefined) return <Empty title={`None is ${state}`} />
  return <Empty title="Nothing was sent yet">The next event is, or a test event.</Empty>
}

interface ReplayProps {
  readonly webhookId: string
  readonly failed: readonly Delivery[]
}

/** Sends them once more, the oldest first, one after the other, so that receivers see them in their order. */
function Replay({ webhookId, failed }: ReplayProps) {
  const tell = useTell()
  const queries = useQueryClient()
  const [sent, setSent] = useState(0)
  const replaying = useSend({
    mutationFn: async () => {
      setSent(0)
      for (const { id } of failed.toReversed()) {
        await operator.webhooks.redeliver(webhookId, id)
        setSent((before) => before + 1)
      }
    },
    onSuccess: () =>
      tell.good(`${count(failed.length)} ${failed.length === 1 ? "is" : "are"} on the way once more.`),
    onError: (error) => tell.bad(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
  })
  return (
    <Button isBusy={replaying.isPending} onClick={() => replaying.mutate()}>
      {replaying.isPending
        ? `${count(sent)} of ${count(failed.length)}`
        : `Replay ${failed.length === 1 ? "it" : `these ${count(failed.length)}`}`}
    </Button>
  )
}
