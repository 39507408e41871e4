import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { operator } from "../../api/client.ts"
import { Failure, Loading } from "../../ui/notices.tsx"
import { ReservationRow } from "../reservations/reservation-row.tsx"

/** The page of reservations, filtered, has them all. */
const HOLDS_SHOWN_MAX = 10

export function ItemHolds({ sku }: { readonly sku: string }) {
  const holds = useQuery({
    queryKey: ["reservations", "of", sku],
    queryFn: ({ signal }) =>
      operator.reservations.list({ sku, state: "held", limit: HOLDS_SHOWN_MAX }, { signal }).page(),
  })
  if (holds.isPending) return <Loading label="Reading the reservations" />
  if (holds.data === undefined) return <Failure error={holds.error} onRetry={holds.refetch} />
  const { data, nextCursor } = holds.data
  return (
    <>
      {data.length === 0 && <p className="text-muted">Nobody holds any of it now.</p>}
      {data.map((reservation) => (
        <ReservationRow key={reservation.id} reservation={reservation} />
      ))}
      <p className="mt-2">
        <Link
          to="/console/reservations"
          search={nextCursor === null ? { sku } : { sku, state: "held" }}
          className="text-accent underline"
        >
          {nextCursor === null ? "All its reservations, also those that have ended" : "All that hold it"}
        </Link>
      </p>
    </>
  )
}
