import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { operator } from "../../api/client.ts"
import { Failure, Loading } from "../../ui/notices.tsx"
import { moment } from "../../ui/numbers.ts"
import { PageHeader } from "../../ui/panel.tsx"
import { BehindPanel } from "./behind-panel.tsx"
import { HoldsPanel } from "./holds-panel.tsx"
import { RatePanels } from "./rate-panels.tsx"
import { RecentEvents } from "./recent-events.tsx"
import { Tiles } from "./tiles.tsx"
import { useRates } from "./use-rates.ts"

/** What moves slowly, or costs the database a query. */
const SLOW_INTERVAL_MS = 3_000

export function OverviewPage() {
  const { rates, latest, error } = useRates()
  const holds = useQuery({
    queryKey: ["holds-summary"],
    queryFn: ({ signal }) => operator.reservations.summarizeHolds({ signal }),
    refetchInterval: SLOW_INTERVAL_MS,
    placeholderData: keepPreviousData,
  })
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => operator.health.readyInDetail({ signal }),
    refetchInterval: SLOW_INTERVAL_MS,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title="Overview">
        {latest && (
          <>
            Rates and times are those of this process, {latest.process.name}, strategy{" "}
            <b className="font-semibold">{latest.process.strategy}</b>, up since{" "}
            {moment(latest.process.startedAt)}. Holds and lags are those of all.
          </>
        )}
      </PageHeader>
      <div className="flex flex-col gap-4">
        {error !== null && <Failure error={error} />}
        {latest === null && error === null && <Loading label="Reading the counters" />}
        {latest && <Tiles rates={rates.at(-1)} latest={latest} holds={holds.data} />}
        {latest && <RatePanels rates={rates} />}
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-4">
            {holds.data && <HoldsPanel holds={holds.data} />}
            {holds.isError && <Failure error={holds.error} />}
            {latest && <BehindPanel health={health.data} latest={latest} />}
            {health.isError && <Failure error={health.error} />}
          </div>
          <RecentEvents />
        </div>
      </div>
    </>
  )
}
