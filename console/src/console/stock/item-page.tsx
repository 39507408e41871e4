import { useQuery } from "@tanstack/react-query"
import { getRouteApi, Link } from "@tanstack/react-router"
import type { Item } from "earmark/client"
import { useState } from "react"
import { operator } from "../../api/client.ts"
import { useLiveQueries } from "../../api/live-queries.ts"
import { useLiveStock } from "../../api/live-stock.ts"
import { Button } from "../../ui/button.tsx"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { count } from "../../ui/numbers.ts"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { StockLegend } from "../../ui/stock-meter.tsx"
import { AdjustDialog } from "./adjust-dialog.tsx"
import { useAllotted } from "./allotted.ts"
import { ItemHolds } from "./item-holds.tsx"
import { type Level, LevelHeadings, LevelRow } from "./level-row.tsx"
import { SafetyStockDialog } from "./safety-stock-dialog.tsx"
import { StockJournal, stockJournalKey, useStockJournal } from "./stock-journal.tsx"

const route = getRouteApi("/console/stock/$sku")

export function ItemPage() {
  const { sku }: { readonly sku: string } = route.useParams()
  const item = useQuery({
    queryKey: ["items", "one", sku],
    queryFn: ({ signal }) => operator.items.get(sku, { signal }),
  })
  if (item.isPending) return <Loading label={`Reading ${sku}`} />
  if (item.data === undefined) return <Failure error={item.error} onRetry={item.refetch} />
  return <ItemDetails key={sku} item={item.data} />
}

function ItemDetails({ item }: { readonly item: Item }) {
  const { sku, name, description, lowStockThreshold } = item
  const { locations, available } = useLiveStock([sku]).get(sku) ?? item
  const journal = useStockJournal(sku)
  useLiveQueries({ sku }, [
    ["items", "one", sku],
    ...(journal.isStill ? [] : [stockJournalKey(sku)]),
    ["reservations", "of", sku],
  ])
  return (
    <>
      <PageHeader
        title={name}
        actions={
          <Link
            to="/console/events"
            search={{ sku }}
            className="inline-flex min-h-11 items-center rounded-lg border border-edge bg-panel px-4 font-medium hover:bg-sunken"
          >
            Its events
          </Link>
        }
      >
        <code className="break-all">{sku}</code>, {count(available)} available
        {lowStockThreshold !== null && <>, low below {count(lowStockThreshold)} at a location</>}
        {description && <p className="break-words">{description}</p>}
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Levels sku={sku} locations={locations} />
        <Panel title="Holds on it">
          <ItemHolds sku={sku} />
        </Panel>
        <Panel title="Journal">
          <StockJournal {...journal} />
        </Panel>
      </div>
    </>
  )
}

type Doing =
  | { readonly kind: "adjust"; readonly location: string | null }
  | { readonly kind: "safety"; readonly level: Level }

function Levels({ sku, locations }: { readonly sku: string; readonly locations: readonly Level[] }) {
  const allotted = useAllotted()
  const [doing, setDoing] = useState<Doing | null>(null)
  const stop = () => setDoing(null)
  const scaleMax = Math.max(1, ...locations.map(({ onHand }) => onHand))
  return (
    <Panel
      title="Stock levels"
      actions={
        <Button isSmall onClick={() => setDoing({ kind: "adjust", location: null })}>
          Receive at another location
        </Button>
      }
    >
      <div className="mb-3">
        <StockLegend />
      </div>
      {locations.length > 0 && <LevelHeadings />}
      {locations.length === 0 && <Empty title="It is nowhere in stock">Receive some units.</Empty>}
      {locations.map((level) => (
        <LevelRow
          key={level.location}
          level={level}
          allotted={allotted(sku, level.location)}
          scaleMax={scaleMax}
        >
          <div className="mt-1 flex gap-2">
            <Button
              isSmall
              aria-label={`Adjust at ${level.location}`}
              onClick={() => setDoing({ kind: "adjust", location: level.location })}
            >
              Adjust
            </Button>
            <Button
              isSmall
              kind="quiet"
              aria-label={`Safety stock at ${level.location}`}
              onClick={() => setDoing({ kind: "safety", level })}
            >
              Safety stock
            </Button>
          </div>
        </LevelRow>
      ))}
      {doing?.kind === "adjust" && <AdjustDialog sku={sku} location={doing.location} onClose={stop} />}
      {doing?.kind === "safety" && <SafetyStockDialog sku={sku} level={doing.level} onClose={stop} />}
    </Panel>
  )
}
