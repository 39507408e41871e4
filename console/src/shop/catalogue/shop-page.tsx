import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query"
import { getRouteApi } from "@tanstack/react-router"
import { shop } from "../../api/client.ts"
import { useLiveStock } from "../../api/live-stock.ts"
import { Button } from "../../ui/button.tsx"
import { classNames } from "../../ui/class-names.ts"
import { Empty, Failure, Loading } from "../../ui/notices.tsx"
import { StockLegend } from "../../ui/stock-meter.tsx"
import { UnfinishedAttempt } from "../reserving/unfinished-attempt.tsx"
import { useReserve } from "../reserving/use-reserve.ts"
import { Introduction } from "./introduction.tsx"
import { ItemCard } from "./item-card.tsx"
import { Search } from "./search.tsx"
import { useSeenBlock } from "./use-seen-block.ts"

const route = getRouteApi("/")

const PAGE_ITEMS = 50

export function ShopPage() {
  const { q } = route.useSearch()
  const items = useItems(q)
  const reserving = useReserve()
  const all = items.data?.pages.flatMap(({ data }) => data) ?? []
  const { begin, end, watch } = useSeenBlock()
  const live = useLiveStock(all.slice(begin, end).map(({ sku }) => sku))
  const isEmpty = items.data !== undefined && all.length === 0
  return (
    <>
      <Introduction items={all} live={live} />
      <UnfinishedAttempt reserving={reserving} />
      {!(isEmpty && q === undefined) && (
        <div className="mb-4 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
          <Search />
          <StockLegend />
        </div>
      )}
      {items.isPending && <Loading label="Reading the items" />}
      {items.isError && <Failure error={items.error} onRetry={() => items.refetch()} />}
      {isEmpty && <NothingThere q={q} />}
      <ul
        aria-label="Items"
        className={classNames(
          "grid grid-cols-1 gap-4 empty:hidden sm:grid-cols-2 lg:grid-cols-3 lg:gap-6",
          // A card that tells a refusal is much longer: those beside it must not be torn to its length.
          reserving.refusal !== null && "items-start",
        )}
      >
        {all.map((item, index) => (
          <ItemCard
            key={item.sku}
            item={item}
            live={live.get(item.sku)}
            reserving={reserving}
            index={index}
            watch={watch}
          />
        ))}
      </ul>
      {items.hasNextPage && (
        <div className="mt-6 flex justify-center">
          <Button isBusy={items.isFetchingNextPage} onClick={() => items.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  )
}

function useItems(q: string | undefined) {
  return useInfiniteQuery({
    queryKey: ["items", { q }],
    queryFn: ({ signal, pageParam }) =>
      shop.items
        .list(
          {
            limit: PAGE_ITEMS,
            ...(q !== undefined && { q }),
            ...(pageParam !== null && { cursor: pageParam }),
          },
          { signal },
        )
        .page(),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })
}

function NothingThere({ q }: { readonly q: string | undefined }) {
  if (q === undefined) {
    return (
      <Empty title="There is nothing to sell yet" command="npm run earmark -- seed">
        This fills the shop with six items at three locations.
      </Empty>
    )
  }
  return <Empty title={`Nothing here is called "${q}"`}>A part of a name or of a sku is enough.</Empty>
}
