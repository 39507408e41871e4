/** Lists that are longer than one answer, read further as somebody scrolls. */
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query"
import type { PageOf } from "earmark/client"
import { useCallback, useMemo } from "react"

/** Enough for a screen of any size, and still a small answer. */
const PAGE_ROWS = 100

export interface PageRequest {
  readonly limit: number
  /** Not there: the first page. */
  readonly cursor?: string
}

type ReadPage<Row> = (request: PageRequest, options: { readonly signal: AbortSignal }) => Promise<PageOf<Row>>

/**
 * All rows of the pages that were read, and what reads one more.
 *
 * @param lookIntervalMs after which they are read again, of what no event tells
 */
export function usePages<Row>(queryKey: QueryKey, read: ReadPage<Row>, lookIntervalMs?: number) {
  const { data, fetchNextPage, hasNextPage, isFetching, ...state } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      read({ limit: PAGE_ROWS, ...(pageParam !== null && { cursor: pageParam }) }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    ...(lookIntervalMs !== undefined && { refetchInterval: lookIntervalMs }),
  })
  const rows = useMemo(() => data?.pages.flatMap((page) => page.data) ?? [], [data])
  const readNext = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetching])
  const { isPending, error, refetch } = state
  return { rows, readNext, isWhole: !hasNextPage, isPending, error, refetch }
}
