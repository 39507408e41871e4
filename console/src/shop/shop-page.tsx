import { useQuery } from "@tanstack/react-query"
import { shop } from "../api/client.ts"
import { useLiveStock } from "../api/live-stock.ts"
import { Empty, Failure, Loading } from "../ui/notices.tsx"
import { PageHeader, Panel } from "../ui/panel.tsx"
import { StockLegend, StockMeter } from "../ui/stock-meter.tsx"

export function ShopPage() {
  const items = useQuery({
    queryKey: ["items"],
    queryFn: ({ signal }) => shop.items.list({ limit: 50 }, { signal }).page(),
  })
  const live = useLiveStock(items.data?.data.map(({ sku }) => sku) ?? [])
  return (
    <>
      <PageHeader title="Shop">
        What is reserved here is held for you until its deadline, and for nobody else.
      </PageHeader>
      <StockLegend />
      {items.isPending && <Loading label="Reading the items" />}
      {items.isError && <Failure error={items.error} onRetry={() => items.refetch()} />}
      {items.data?.data.length === 0 && (
        <Empty title="There is nothing to sell yet" command="npm run earmark -- seed" />
      )}
      <div className="mt-4 grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {items.data?.data.map((item) => (
          <Panel key={item.sku} title={item.name}>
            {(live.get(item.sku)?.locations ?? item.locations).map((level) => (
              <StockMeter key={level.location} units={level} />
            ))}
          </Panel>
        ))}
      </div>
    </>
  )
}
