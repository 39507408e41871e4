import { isProblem, type SaleDetails } from "earmark/client"
import { Button } from "../ui/button.tsx"
import { Empty, Failure, Loading } from "../ui/notices.tsx"
import { PageHeader, Panel } from "../ui/panel.tsx"
import { PlayedSales } from "./played-sales.tsx"
import { BUYERS, SaleForm, UNITS } from "./sale-form.tsx"
import { Stage } from "./stage.tsx"
import { useTheatre } from "./use-theatre.ts"

/** What to see first: the mistake, and then none. */
const FIRST_NIGHT: readonly SaleDetails[] = (["broken", "batched"] as const).map((strategy) => ({
  units: UNITS,
  buyers: BUYERS,
  strategy,
}))

export function TheatrePage() {
  const { programme, error, sale, played, isPlaying, trouble, play, stop } = useTheatre()
  return (
    <>
      <PageHeader title="Flash-sale theatre">
        More buyers than units, all at once. Each is a real request to the real engine, or to a seller that is
        broken on purpose; the stock is a sandbox that nothing real can be sold from.
      </PageHeader>
      {error !== null && <NoTheatre error={error} />}
      {programme === undefined && error === null && <Loading label="Reading the programme" />}
      {programme && (
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <SaleForm programme={programme} isPlaying={isPlaying} onPlay={play} onStop={stop} />
          <div className="flex min-w-0 flex-col gap-4 max-lg:order-first">
            {trouble !== null && <Failure error={trouble} />}
            {sale ? (
              <Stage
                key={sale.id}
                sale={sale}
                title={
                  programme.strategies.find(({ name }) => name === sale.strategy)?.title ?? sale.strategy
                }
              />
            ) : (
              <Panel>
                <Empty
                  title="The curtain is down"
                  action={
                    <Button kind="primary" isBusy={isPlaying} onClick={() => play(FIRST_NIGHT)}>
                      Play both
                    </Button>
                  }
                >
                  See two sellers with 100 units and 5,000 buyers each: one that reads, decides and writes, as
                  it is often written, and Earmark.
                </Empty>
              </Panel>
            )}
            {played.length > 0 && <PlayedSales played={played} />}
          </div>
        </div>
      )}
    </>
  )
}

/** Where it is turned off, the service says which setting turns it on. */
function NoTheatre({ error }: { readonly error: unknown }) {
  if (!isProblem(error, "not_found")) return <Failure error={error} />
  return (
    <Empty title="The theatre is closed here" command="EARMARK_THEATRE=1 npm run earmark -- serve">
      {error.detail}
    </Empty>
  )
}
