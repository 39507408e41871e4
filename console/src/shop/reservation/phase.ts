import type { Reservation } from "earmark/client"
import { useIsReached } from "../../api/clock.ts"

export interface Words {
  readonly title: string
  readonly tab: string
  readonly text: string
}

/** What a shopper reads of each state. */
export const PHASE_WORDS: Record<Reservation["state"], Words> = {
  held: {
    title: "Held for you",
    tab: "Held",
    text: "Nobody else can get these units until the deadline. Pay before it, and they are yours.",
  },
  confirmed: {
    title: "Confirmed: it is yours",
    tab: "Confirmed",
    text: "Paid and sold. Nothing can take it away any more.",
  },
  released: {
    title: "Cancelled",
    tab: "Cancelled",
    text: "The hold was released before its deadline. Its units are back for sale.",
  },
  expired: {
    title: "Expired",
    tab: "Expired",
    text: "It was not paid before the deadline, so the units are back for sale, from that very moment on.",
  },
}

/** At its deadline a hold has expired, whether or not anybody has written that down. The moment itself is too late. */
export function usePhase(reservation: Reservation | undefined): Reservation["state"] | null {
  const isOver = useIsReached(Date.parse(reservation?.expiresAt ?? ""))
  if (reservation === undefined) return null
  return reservation.state === "held" && isOver ? "expired" : reservation.state
}
