import type { Reservation } from "earmark/client"

/** At its deadline a hold has expired, whether or not anybody has written that down. The moment itself is too late. */
export function phaseOf({ state, expiresAt }: Reservation, nowMs: number | null): Reservation["state"] {
  const isOver = nowMs !== null && nowMs >= Date.parse(expiresAt)
  return state === "held" && isOver ? "expired" : state
}

interface Words {
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
