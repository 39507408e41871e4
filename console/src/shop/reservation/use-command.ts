import { useMutation } from "@tanstack/react-query"
import type { Reservation } from "earmark/client"
import { useTakeReservation } from "./use-reservation.ts"

export interface Command<Input> {
  run(input: Input): void
  readonly isPending: boolean
  readonly error: Error | null
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
  return { run: mutate, isPending, error }
}
