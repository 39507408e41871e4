import { useInfiniteQuery } from "@tanstack/react-query"
import type { Event } from "earmark/client"
import { operator } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Failure, Loading } from "../../ui/notices.tsx"
import { EventRow } from "../events/event-row.tsx"

/** Of a quiet service the end is reached by then; of a busy one, somebody may ask for more. */
const READS_MAX = 4

/**
 * Its events among those that are kept. The feed is read from its oldest, and a page of it looks through so many changes at
 * most: whoever wants to know of a young reservation in a long feed looks further.
 */
export function ReservationEvents({ id }: { readonly id: string }) {
  const events = useInfiniteQuery({
    queryKey: ["reservations", "events", id],
    queryFn: ({ pageParam, signal }) => readSome(id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor, isAll }) => (isAll ? null : nextCursor),
  })
  if (events.isPending) return <Loading label="Reading the events" />
  if (events.data === undefined) return <Failure error={events.error} onRetry={events.refetch} />
  const told = events.data.pages.flatMap(({ data }) => data)
  return (
    <>
      {told.length === 0 && <p className="text-muted">None was found yet.</p>}
      {told.map((event) => (
        <EventRow key={event.id} event={event} />
      ))}
      {events.hasNextPage && (
        <Button
          isSmall
          className="mt-3"
          isBusy={events.isFetchingNextPage}
          onClick={() => void events.fetchNextPage()}
        >
          Look further
        </Button>
      )}
    </>
  )
}

/** Some pages of the feed: the end is where the place does not move any more. */
async function readSome(reservationId: string, begin: string | null, signal: AbortSignal) {
  const found: Event[] = []
  let after = begin
  for (let reads = 0; reads < READS_MAX; reads++) {
    const page = await operator.events.page({ reservationId, ...(after !== null && { after }) }, { signal })
    found.push(...page.data)
    if (page.nextCursor === after) return { data: found, nextCursor: after, isAll: true }
    after = page.nextCursor
  }
  return { data: found, nextCursor: after, isAll: false }
}
