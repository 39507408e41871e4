import { getRouteApi } from "@tanstack/react-router"
import type { Item } from "earmark/client"
import { useCallback, useState } from "react"
import { operator } from "../../api/client.ts"
import { useLiveStock } from "../../api/live-stock.ts"
import { usePages } from "../../api/pages.ts"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { PageHeader, Panel } from "../../ui/panel.tsx"
import { StockLegend } from "../../ui/stock-meter.tsx"
import { VirtualRows } from "../../ui/virtual-rows.tsx"
import { useChangeFilter } from "../change-filter.ts"
import { FilterText } from "../filter-text.tsx"
import { type StockFilter, stockFilter } from "../filters.ts"
import { SkuLink } from "../links.tsx"
import { useAllotted } from "./allotted.ts"
import { LevelHeadings, LevelRow } from "./level-row.tsx"

const route = getRouteApi("/console/stock")

/** Items that are followed at a time are those of two blocks: whoever scrolls within one keeps the connection. */
const BLOCK_ITEMS = 50
const ROW_HEIGHT_PX = 140

export function StockPage() {
  const filter = stockFilter(route.useSearch())
  return (
    <>
      <PageHeader title="Stock">Every stock level, by item and location, as it is now.</PageHeader>
      <StockFilters filter={filter} />
      <Panel>
        <StockList key={JSON.stringify(filter)} {...filter} />
      </Panel>
    </>
  )
}

function StockFilters({ filter }: { readonly filter: StockFilter }) {
  const change = useChangeFilter(filter)
  return (
    <div className="mb-4 grid gap-3 sm:grid-cols-2 lg:max-w-3xl">
      <FilterText label="Sku or name" value={filter.q} onFilter={(q) => change({ q })} />
      <FilterText label="Location" value={filter.location} onFilter={(location) => change({ location })} />
    </div>
  )
}

function StockList({ q, location }: StockFilter) {
  const { rows, readNext, isWhole, ...state } = usePages(["items", "stock", q], (request, options) =>
    operator.items.list({ ...request, ...(q && { q }) }, options).page(),
  )
  const [block, setBlock] = useState(0)
  const onFirstSeen = useCallback((index: number) => setBlock(Math.floor(index / BLOCK_ITEMS)), [])
  const listed = rows.filter((item) => shown(item, location).length > 0)
  const followed = listed.slice(block * BLOCK_ITEMS, (block + 2) * BLOCK_ITEMS)
  const live = useLiveStock(followed.map(({ sku }) => sku))
  const items = listed.flatMap((item) => shown({ ...item, ...live.get(item.sku) }, location))
  const scaleMax = Math.max(1, ...items.flatMap(({ locations }) => locations.map(({ onHand }) => onHand)))
  if (state.isPending) return <Loading label="Reading the stock levels" />
  if (state.error && rows.length === 0) return <Failure error={state.error} onRetry={state.refetch} />
  if (items.length === 0 && isWhole) return <NoStock isFiltered={(q ?? location) !== undefined} />
  return (
    <>
      <div className="mb-3">
        <StockLegend />
      </div>
      <LevelHeadings />
      <VirtualRows
        label="Stock levels by item"
        rows={items}
        keyOf={({ sku }) => sku}
        rowHeightPx={ROW_HEIGHT_PX}
        onEndNear={readNext}
        onFirstSeen={onFirstSeen}
      >
        {(item) => <ItemLevels item={item} scaleMax={scaleMax} />}
      </VirtualRows>
    </>
  )
}

function ItemLevels({ item, scaleMax }: { readonly item: Item; readonly scaleMax: number }) {
  const allotted = useAllotted()
  return (
    <div className="border-t border-line py-3">
      <p className="mb-1 flex flex-wrap items-baseline gap-x-3 px-1">
        <span className="font-semibold break-words">{item.name}</span>
        <SkuLink sku={item.sku} />
      </p>
      {item.locations.length === 0 && <p className="px-1 text-muted">Nowhere in stock yet.</p>}
      {item.locations.map((level) => (
        <LevelRow
          key={level.location}
          level={level}
          allotted={allotted(item.sku, level.location)}
          scaleMax={scaleMax}
        />
      ))}
    </div>
  )
}

function NoStock({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No item is like this">Take something out of the filter.</Empty>
  return (
    <Empty title="There are no items yet" command="npm run earmark -- seed">
      This puts a few in, with stock.
    </Empty>
  )
}

/** Of one location, if one is asked for: then an item that is not there is not shown. */
function shown(item: Item, location: string | undefined): Item[] {
  if (location === undefined) return [item]
  const locations = item.locations.filter((level) => level.location === location)
  return locations.length > 0 ? [{ ...item, locations }] : []
}
