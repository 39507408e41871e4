/** Lists that are longer than one answer, read further as somebody scrolls. */
import { type InfiniteData, type QueryKey, useInfiniteQuery, useQueryClient } from "@tanstack/react-query"
import type { PageOf } from "earmark/client"
import { useCallback, useMemo, useRef, useState } from "react"

/** Enough for a screen of any size, and still a small answer. */
const PAGE_ROWS = 100
/** Whoever has scrolled past so many rows reads, and no longer waits for what is new. */
const ROWS_ON_TOP = 3

export interface PageRequest {
  readonly limit: number
  /** Not there: the first page. */
  readonly cursor?: string
}

type ReadPage<Row> = (request: PageRequest, options: { readonly signal: AbortSignal }) => Promise<PageOf<Row>>

/**
 * All rows of the pages that were read, and what reads one more. Whoever scrolls down reads: nothing may move away under the
 * eyes, and to read all pages again for each change would cost more the further one gets. So what is read stands still from
 * there (`isStill`), until the first rows are seen again.
 *
 * @param lookIntervalMs after which they are read again, of what no event tells
 */
export function usePages<Row>(queryKey: QueryKey, read: ReadPage<Row>, lookIntervalMs?: number) {
  const { isStill, onFirstSeen } = useStill(queryKey)
  const { data, fetchNextPage, hasNextPage, isFetching, ...state } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: PAGE_ROWS, ...(pageParam !== null && { cursor: pageParam }) }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: !isStill && lookIntervalMs !== undefined && lookIntervalMs,
    refetchOnWindowFocus: !isStill,
  })
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data])
  const readNext = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetching])
  const { isPending, error, refetch } = state
  return { rows, readNext, isWhole: !hasNextPage, isPending, error, refetch, isStill, onFirstSeen }
}

function useStill(queryKey: QueryKey) {
  const queries = useQueryClient()
  const [isStill, setIsStill] = useState(false)
  const key = useRef(queryKey)
  key.current = queryKey
  const was = useRef(false)
  const onFirstSeen = useCallback(
    (index: number) => {
      const isBelow = index >= ROWS_ON_TOP
      if (was.current && !isBelow) {
        queries.setQueryData<InfiniteData<unknown>>(key.current, (read) => read && firstPageOf(read))
        void queries.invalidateQueries({ queryKey: key.current })
      }
      was.current = isBelow
      setIsStill(isBelow)
    },
    [queries],
  )
  return { isStill, onFirstSeen }
}

/** Further pages are read again as one scrolls. */
function firstPageOf({ pages, pageParams }: InfiniteData<unknown>): InfiniteData<unknown> {
  return { pages: pages.slice(0, 1), pageParams: pageParams.slice(0, 1) }
}
