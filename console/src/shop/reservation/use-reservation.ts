import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query"
import { EarmarkUnanswered, isProblem, type Reservation } from "earmark/client"
import { useEffect, useState } from "react"
import { shop } from "../../api/client.ts"
import { watchConnection } from "../../api/connection.ts"

/**
 * What another tab or an operator does shows within this. A stream would tell sooner, but a browser has six connections
 * for all of its tabs, and several reservations side by side would take them all.
 */
const LOOK_INTERVAL_MS = 1_000
/** A look that takes longer is given up: the next one may be luckier. */
const LOOK_MS_MAX = 4_000

const keyOf = (id: string) => ["reservation", id]

/** A reservation as the service has it, looked at again while it may change. */
export function useReservation(id: string): UseQueryResult<Reservation> {
  const [connection] = useState(watchConnection)
  useEffect(() => connection.close, [connection])
  return useQuery({
    queryKey: keyOf(id),
    async queryFn({ signal }) {
      try {
        const found = await shop.reservations.get(id, { signal, retries: 0, timeoutMs: LOOK_MS_MAX })
        connection.onConnection({ state: "open" })
        return found
      } catch (error) {
        if (error instanceof EarmarkUnanswered) {
          connection.onConnection({ state: "lost", failure: error, retryInMs: LOOK_INTERVAL_MS })
        }
        throw error
      }
    },
    refetchInterval: ({ state: { data, error } }) =>
      isOver(data) || isProblem(error, "reservation_not_found", "reservation_revoked")
        ? false
        : LOOK_INTERVAL_MS,
  })
}

/** What an answer to a command says counts at once, and more than a look that was on its way meanwhile. */
export function useTakeReservation(): (reservation: Reservation) => Promise<void> {
  const queries = useQueryClient()
  return async (reservation) => {
    const queryKey = keyOf(reservation.id)
    await queries.cancelQueries({ queryKey })
    queries.setQueryData(queryKey, reservation)
  }
}

function isOver(reservation: Reservation | undefined): boolean {
  return reservation !== undefined && reservation.state !== "held"
}
