/** What may happen to a reservation: the whole of it is the table below. */

export const STATES = ["held", "confirmed", "released", "expired"] as const
export type State = (typeof STATES)[number]

export type HoldCommandKind = "confirm" | "release" | "extend" | "expire"

/** A state as a command meets it: a hold at or after its deadline is `overdue`, whatever is stored. */
export type Situation = State | "overdue"

/** What a command answers; the names are those of the outcomes and errors on the wire. */
export type HoldAnswer =
  | "confirmed"
  | "released"
  | "expired"
  | "extended"
  | "reservation_confirmed"
  | "reservation_released"
  | "reservation_expired"
  | "unchanged"

export interface Transition {
  /** The state afterwards; `stay` writes nothing. Extending stays `held` and moves the deadline. */
  readonly to: State | "stay"
  readonly answer: HoldAnswer
}

/** Every situation times every command has a written answer; there is no other transition anywhere. */
export const TRANSITIONS: Record<Situation, Record<HoldCommandKind, Transition>> = {
  held: {
    confirm: { to: "confirmed", answer: "confirmed" },
    release: { to: "released", answer: "released" },
    extend: { to: "held", answer: "extended" },
    expire: { to: "stay", answer: "unchanged" },
  },
  overdue: {
    confirm: { to: "expired", answer: "reservation_expired" },
    release: { to: "expired", answer: "expired" },
    extend: { to: "expired", answer: "reservation_expired" },
    expire: { to: "expired", answer: "expired" },
  },
  confirmed: {
    confirm: { to: "stay", answer: "confirmed" },
    release: { to: "stay", answer: "reservation_confirmed" },
    extend: { to: "stay", answer: "reservation_confirmed" },
    expire: { to: "stay", answer: "unchanged" },
  },
  released: {
    confirm: { to: "stay", answer: "reservation_released" },
    release: { to: "stay", answer: "released" },
    extend: { to: "stay", answer: "reservation_released" },
    expire: { to: "stay", answer: "unchanged" },
  },
  expired: {
    confirm: { to: "stay", answer: "reservation_expired" },
    release: { to: "stay", answer: "expired" },
    extend: { to: "stay", answer: "reservation_expired" },
    expire: { to: "stay", answer: "unchanged" },
  },
}

/** The hold is the half-open interval [createdAt, expiresAt) on the database's clock. */
export function situationOf(state: State, expiresAtMs: number, nowMs: number): Situation {
  return state === "held" && nowMs >= expiresAtMs ? "overdue" : state
}
