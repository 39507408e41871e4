import { useMutation } from "@tanstack/react-query"
import { isProblem, type Reservation } from "earmark/client"
import { useTakeReservation } from "./use-reservation.ts"

const FINAL_CODES = [
  "reservation_confirmed",
  "reservation_released",
  "reservation_expired",
  "reservation_revoked",
] as const

export interface Command<Input> {
  run(input: Input): void
  readonly isPending: boolean
  readonly error: Error | null
  /** For good: it would be refused again, as what has ended stays ended. */
  readonly isRefused: boolean
}

/** Something that is done to a hold: what the service says it is now, the page shows at once. */
export function useCommand<Input>(
  carryOut: (input: Input) => Promise<Reservation>,
  onDone: (reservation: Reservation) => void,
): Command<Input> {
  const take = useTakeReservation()
  const { mutate, isPending, error } = useMutation({
    mutationFn: carryOut,
    async onSuccess(reservation) {
      await take(reservation)
      onDone(reservation)
    },
  })
  const isRefused = isProblem(error, ...FINAL_CODES)
  return { run: mutate, isPending, error, isRefused }
}
