import { useMutation } from "@tanstack/react-query"
import { useNavigate } from "@tanstack/react-router"
import { type Basket, EarmarkProblem, EarmarkUnanswered } from "earmark/client"
import { shop } from "../../api/client.ts"
import { useTell } from "../../ui/toasts.tsx"
import { emptyBasket } from "../basket/basket.ts"
import { type Attempt, beginAttempt, endAttempt, leaveUnanswered, send } from "./attempt.ts"
import { shopperId } from "./shopper.ts"

/** What is wanted; who wants it is added. */
export type Wanted = Omit<Basket, "customerId">

export interface Reserving {
  /** One click: with success the reservation's page is gone to. */
  reserve(wanted: Wanted, options?: { readonly isOfBasket?: boolean }): void
  /** Sends an attempt again that was not answered. */
  resume(attempt: Attempt): void
  readonly isPending: boolean
  /** What is on its way, or what was refused last. */
  readonly attempt: Attempt | null
  /** Why it was refused; null while it is not, and when it is not known what came of it. */
  readonly refusal: Error | null
}

export function useReserve(): Reserving {
  const navigate = useNavigate()
  const tell = useTell()
  const { mutate, isPending, error, variables } = useMutation({
    mutationFn: ({ basket, key }: Attempt) => shop.reservations.reserve(basket, { idempotencyKey: key }),
    async onSuccess({ id, state, replayed }, attempt) {
      endAttempt(attempt)
      if (attempt.isOfBasket) emptyBasket()
      if (state === "held")
        tell.good(replayed ? "It was reserved the first time already." : "Reserved for you.")
      await navigate({ to: "/reservations/$id", params: { id } })
    },
    onError(failure, attempt) {
      if (isRefusal(failure)) endAttempt(attempt)
      else leaveUnanswered(attempt)
    },
  })
  return {
    reserve: (wanted, { isOfBasket = false } = {}) =>
      mutate(beginAttempt({ customerId: shopperId(), ...wanted }, isOfBasket)),
    resume: (attempt) => mutate(send(attempt)),
    isPending,
    attempt: variables ?? null,
    refusal: error !== null && isRefusal(error) ? error : null,
  }
}

/** Nothing was reserved, for certain. Of anything else the outcome is not known. */
function isRefusal(failure: Error): boolean {
  return (failure instanceof EarmarkProblem || failure instanceof EarmarkUnanswered) && failure.notApplied
}
