/** The admission of one request: all or nothing, against the levels as the requests before it left them. */
import type { KeyClaim, OutcomeOf, ReserveCommand, ReserveOutcome } from "../commands.ts"
import { toWireId } from "../ids.ts"
import { ttlTooLong } from "../limits.ts"
import { type Line, type ReservationRecord, viewReservation } from "../model.ts"
import { type Allocation, type Credit, source } from "../sourcing.ts"
import { situationOf } from "../states.ts"
import type { Draft } from "./draft.ts"
import { addHold, end } from "./hold.ts"

export function decideReserve(draft: Draft, command: ReserveCommand): OutcomeOf<ReserveCommand> {
  const made = draft.reservation(command.id)
  // An earlier try of this very call went through and its answer was lost.
  if (made) return { outcome: "reserved", reservation: viewReservation(made, draft.nowMs) }
  // The key comes before anything else: the winner's twin must not be told that the last unit is gone (promise S4).
  const twin = command.key && draft.reservationByKey(command.key.key)
  if (twin && command.key) return answerTwin(draft, twin, command.key)

  if (command.ttlSeconds > command.ttlSecondsMax) {
    return { outcome: "invalid_request", errors: [ttlTooLong(command.ttlSecondsMax)] }
  }
  const missing = firstMissing(draft, command)
  if (missing) return missing
  const replaced = findReplaced(draft, command)
  if (replaced.answer) return replaced.answer

  const sourcing = source(draft.book, command.lines, replaced.credit)
  if ("shortages" in sourcing) {
    for (const id of sourcing.shortLevelIds) draft.unsettledLevelIds.add(id)
    for (const { sku, location } of sourcing.shortages) {
      if (location === undefined) draft.shortAnywhereSkus.add(sku)
    }
    return { outcome: "insufficient_stock", shortages: sourcing.shortages }
  }
  if (replaced.hold) {
    end(draft, { record: replaced.hold, to: "released", command: { kind: "release", reason: "replaced" } })
  }
  return {
    outcome: "reserved",
    reservation: viewReservation(hold(draft, command, sourcing.allocations), draft.nowMs),
  }
}

function answerTwin(draft: Draft, twin: ReservationRecord, claim: KeyClaim): ReserveOutcome {
  if (twin.fingerprint === null || !claim.accepts.includes(twin.fingerprint)) {
    return { outcome: "idempotency_key_reused", key: claim.key }
  }
  return { outcome: "replayed", reservation: viewReservation(twin, draft.nowMs) }
}

function firstMissing(draft: Draft, command: ReserveCommand): ReserveOutcome | undefined {
  for (const { sku, location } of command.lines) {
    if (!draft.knowsSku(sku)) return { outcome: "item_not_found", sku }
    if (location !== null && !draft.knowsLocation(location))
      return { outcome: "location_not_found", location }
  }
  return undefined
}

interface Replaced {
  /** Set when the request is refused because of what it names. */
  readonly answer?: ReserveOutcome
  readonly hold?: ReservationRecord
  readonly credit?: Credit
}

function findReplaced(draft: Draft, command: ReserveCommand): Replaced {
  if (command.replaces === null) return {}
  const record = draft.reservation(command.replaces)
  if (!record || record.customerId !== command.customerId) {
    return { answer: { outcome: "reservation_not_found", id: toWireId(command.replaces) } }
  }
  const situation = situationOf(record.state, record.expiresAtMs, draft.nowMs)
  if (situation === "confirmed") {
    return { answer: { outcome: "reservation_confirmed", reservation: viewReservation(record, draft.nowMs) } }
  }
  if (situation === "overdue")
    end(draft, { record, to: "expired", command: { kind: "expire", id: record.id } })
  if (situation !== "held") return {}
  return { hold: record, credit: new Map(record.lines.map((line) => [line.levelId, line.quantity])) }
}

function hold(draft: Draft, command: ReserveCommand, allocations: readonly Allocation[]): ReservationRecord {
  const lines: Line[] = allocations.map(({ level, quantity }) => ({
    levelId: level.id,
    sku: level.sku,
    location: level.location,
    quantity,
  }))
  lines.sort(bySkuThenLocation)
  const record: ReservationRecord = {
    id: command.id,
    state: "held",
    customerId: command.customerId,
    lines,
    ttlSeconds: command.ttlSeconds,
    createdAtMs: draft.nowMs,
    expiresAtMs: draft.nowMs + command.ttlSeconds * 1000,
    updatedAtMs: draft.nowMs,
    reference: null,
    metadata: command.metadata,
    idempotencyKey: command.key?.key ?? null,
    fingerprint: command.key?.fingerprint ?? null,
  }
  addHold(draft, record)
  return record
}

function bySkuThenLocation(a: Line, b: Line): number {
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  return a.location < b.location ? -1 : 1
}
