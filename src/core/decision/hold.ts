/** Confirm, release, extend and expire: one transition of one hold, looked up in the table of states. */
import type { ExtendCommand, HoldCommand, OutcomeOf } from "../commands.ts"
import { toWireId } from "../ids.ts"
import { type ReservationRecord, viewReservation } from "../model.ts"
import { type HoldCommandKind, type State, situationOf, TRANSITIONS } from "../states.ts"
import type { Draft } from "./draft.ts"

export function decideHold(draft: Draft, command: HoldCommand): OutcomeOf<HoldCommand> {
  const record = draft.reservation(command.id)
  if (!record) {
    // The sweeper names only what it has read, so for `expire` there is nothing to report.
    if (command.kind === "expire") return { outcome: "unchanged" }
    return { outcome: "reservation_not_found", id: toWireId(command.id) }
  }
  const situation = situationOf(record.state, record.expiresAtMs, draft.nowMs)
  const { to, answer } = TRANSITIONS[situation][command.kind]
  if (answer === "unchanged") return { outcome: answer }
  if (answer === "extended") return extend(draft, record, command as ExtendCommand)
  const after = to === "stay" ? record : end(draft, { record, to, command })
  // The table gives each kind of command only answers of its own type.
  return { outcome: answer, reservation: viewReservation(after, draft.nowMs) } as OutcomeOf<HoldCommand>
}

interface Ending {
  readonly record: ReservationRecord
  readonly to: State
  readonly command: HoldCommand | { readonly kind: "release"; readonly reason: string }
}

/** Ends a hold: its units are free again, or, when it is confirmed, gone. */
export function end(draft: Draft, { record, to, command }: Ending): ReservationRecord {
  const confirmed = to === "confirmed"
  const reference = confirmed && command.kind === "confirm" ? command.reference : null
  const reason = to === "released" && command.kind === "release" ? command.reason : null
  for (const line of record.lines) {
    draft.book.post(line.levelId, {
      kind: JOURNAL_KIND[to],
      reservationId: record.id,
      onHandDelta: confirmed ? -line.quantity : 0,
      heldDelta: -line.quantity,
      atMs: draft.nowMs,
      reason,
      reference,
    })
  }
  const by: HoldCommandKind = to === "expired" ? "expire" : command.kind
  return draft.changeReservation(record, { state: to, reference: reference ?? record.reference }, by)
}

/** Adds a reservation that is held: its units are set aside. */
export function addHold(draft: Draft, record: ReservationRecord): void {
  for (const line of record.lines) {
    draft.book.post(line.levelId, {
      kind: "held",
      reservationId: record.id,
      heldDelta: line.quantity,
      atMs: draft.nowMs,
      expiresAtMs: record.expiresAtMs,
    })
  }
  draft.addReservation(record)
}

const JOURNAL_KIND = {
  held: "extended",
  confirmed: "confirmed",
  released: "released",
  expired: "expired",
} as const satisfies Record<State, string>

function extend(draft: Draft, record: ReservationRecord, command: ExtendCommand): OutcomeOf<ExtendCommand> {
  const latestMs = record.createdAtMs + command.lifetimeMaxSeconds * 1000
  const askedMs = draft.nowMs + command.ttlSeconds * 1000
  if (askedMs > latestMs) {
    return { outcome: "lifetime_exceeded", reservation: viewReservation(record, draft.nowMs) }
  }
  const expiresAtMs = Math.max(record.expiresAtMs, askedMs)
  for (const line of record.lines) {
    draft.book.post(line.levelId, {
      kind: "extended",
      reservationId: record.id,
      atMs: draft.nowMs,
      expiresAtMs,
    })
  }
  const after = draft.changeReservation(record, { expiresAtMs }, "extend")
  return { outcome: "extended", reservation: viewReservation(after, draft.nowMs) }
}
