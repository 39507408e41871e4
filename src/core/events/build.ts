/** Events from what the journal says. Nothing is invented: whoever asks again gets the same ones, with the same ids. */
import { toWireId } from "../ids.ts"
import type { State } from "../states.ts"
import {
  availableUnits,
  type Balances,
  balancesAfter,
  type Change,
  type LostReservation,
  NOTHING,
} from "./changes.ts"
import {
  type AvailabilityData,
  type Crossing,
  type EarmarkEvent,
  EVENT_SHAPES_VERSION,
  type EventLevel,
  type EventReservation,
  type TransitionType,
} from "./event.ts"
import { type Transition, transitionsOf } from "./transitions.ts"

/** Builds the events of entries in their order, and keeps each level's balances between them. */
export class EventBuilder {
  readonly #source: string
  readonly #balances: Map<number, Balances>

  /** @param before each level as it was before what is told first */
  constructor(source: string, before: ReadonlyMap<number, Balances>) {
    this.#source = source
    this.#balances = new Map(before)
  }

  /** What one entry tells of: each transition, and after it what may be sold or not any more because of it. */
  of({ changes, lost }: { changes: readonly Change[]; lost: readonly LostReservation[] }): EarmarkEvent[] {
    return [
      ...transitionsOf(changes).flatMap((transition) => this.#ofTransition(transition)),
      ...lost.map((one) => revoked(this.#source, one)),
    ]
  }

  #ofTransition(transition: Transition): EarmarkEvent[] {
    const steps = [...transition].sort(bySkuThenLocation).map((change) => {
      const before = this.#balances.get(change.levelId) ?? NOTHING
      const after = balancesAfter(before, change)
      this.#balances.set(change.levelId, after)
      return { change, before, after, level: levelOf(change, after) }
    })
    const event = eventOf(this.#source, steps)
    const crossings = steps.flatMap((step) => crossingEvent(this.#source, step, event))
    return [event, ...crossings]
  }
}

interface Step {
  readonly change: Change
  readonly before: Balances
  readonly after: Balances
  readonly level: EventLevel
}

function eventOf(source: string, steps: readonly Step[]): EarmarkEvent {
  const { change, before, after, level } = steps[0] as Step
  const actor = change.origin?.actor ?? null
  switch (change.kind) {
    case "held":
    case "confirmed":
    case "released":
    case "expired":
    case "extended":
      return transitionEvent(source, change.kind, steps)
    case "adjusted": {
      const { onHandDelta: delta, reason, reference } = change
      return {
        ...frame(source, "stock.adjusted", change),
        data: { level, delta, reason, reference, actor },
      }
    }
    case "safety_stock_set":
      return { ...frame(source, "stock.safety_stock_set", change), data: { level, actor } }
    case "allotted":
    case "drawn":
    case "given_back": {
      const delta = after.allotted - before.allotted
      return {
        ...frame(source, "stock.allotment_changed", change),
        data: { level, delta, allotted: after.allotted, actor },
      }
    }
  }
}

const STATE_AFTER = {
  held: "held",
  confirmed: "confirmed",
  released: "released",
  expired: "expired",
  extended: "held",
} as const satisfies Record<string, State>

function transitionEvent(
  source: string,
  kind: keyof typeof STATE_AFTER,
  steps: readonly Step[],
): EarmarkEvent {
  const { change } = steps[0] as Step
  const id = toWireId(change.reservationId ?? "")
  const type: TransitionType = `reservation.${kind}`
  return {
    ...frame(source, type, change),
    subject: id,
    data: {
      reservation: reservationOf(id, STATE_AFTER[kind], change),
      lines: steps.map(({ change: { heldDelta, extendedQuantity }, level }) => ({
        ...level,
        quantity: extendedQuantity ?? Math.abs(heldDelta),
      })),
      reference: change.reference,
      reason: change.reason,
      actor: change.origin?.actor ?? null,
    },
  }
}

function reservationOf(
  id: string,
  state: State,
  change: Change,
): EventReservation | { id: string; state: State } {
  const { reservation, expiresAtMs } = change
  if (reservation === null) return { id, state }
  return {
    id,
    state,
    customerId: reservation.customerId,
    ttlSeconds: reservation.ttlSeconds,
    createdAt: moment(reservation.createdAtMs),
    expiresAt: moment(expiresAtMs ?? reservation.expiresAtMs),
    metadata: reservation.metadata,
  }
}

function revoked(source: string, { id, reason, revokedAtMs, grant }: LostReservation): EarmarkEvent {
  const { customerId, ttlSeconds, createdAtMs, metadata, lines, origin } = grant
  const wireId = toWireId(id)
  return {
    ...shape(source, "reservation.revoked", revokedAtMs),
    id: `${wireId}-revoked`,
    subject: wireId,
    ...(origin?.traceparent && { traceparent: origin.traceparent }),
    data: {
      reservation: {
        id: wireId,
        customerId,
        ttlSeconds,
        createdAt: moment(createdAtMs),
        expiresAt: moment(createdAtMs + ttlSeconds * 1000),
        metadata,
      },
      lines: lines.map(({ sku, location, quantity }) => ({ sku, location, quantity })),
      reason,
      actor: origin?.actor ?? null,
    },
  }
}

function crossingEvent(
  source: string,
  { change, before, after, level }: Step,
  cause: EarmarkEvent,
): EarmarkEvent[] {
  const availableBefore = availableUnits(before)
  const crossing = crossingOf(availableBefore, availableUnits(after), change.lowStockThreshold)
  if (crossing === null) return []
  const data: AvailabilityData = {
    level,
    crossing,
    availableBefore,
    threshold: crossing === "low_stock" ? change.lowStockThreshold : null,
    cause: { id: cause.id, type: cause.type },
    actor: change.origin?.actor ?? null,
  }
  const event = frame(source, "stock.availability_changed", change)
  return [{ ...event, id: `${event.id}-availability`, data }]
}

function crossingOf(before: number, after: number, threshold: number | null): Crossing | null {
  if (before > 0 && after === 0) return "sold_out"
  if (before === 0 && after > 0) return "back_in_stock"
  if (threshold !== null && before >= threshold && after < threshold) return "low_stock"
  return null
}

function levelOf({ sku, location, version }: Change, after: Balances): EventLevel {
  const { onHand, held, safetyStock, allotted } = after
  return {
    sku,
    location,
    version,
    onHand,
    held: held - allotted,
    safetyStock,
    available: availableUnits(after),
  }
}

/** Named after the first of its changes: a level's version is written once and never again. */
function frame<T extends EarmarkEvent["type"]>(source: string, type: T, change: Change) {
  const { levelId, version, sku, location, occurredAtMs, origin } = change
  return {
    ...shape(source, type, occurredAtMs),
    id: `${levelId}-${version}`,
    subject: `${sku}/${location}`,
    ...(origin?.traceparent && { traceparent: origin.traceparent }),
  }
}

function shape<T extends EarmarkEvent["type"]>(source: string, type: T, atMs: number) {
  return {
    specversion: "1.0" as const,
    source,
    type,
    time: moment(atMs),
    datacontenttype: "application/json" as const,
    dataschema: `/schemas/events/v${EVENT_SHAPES_VERSION}/${type}.json`,
  }
}

function bySkuThenLocation(a: Change, b: Change): number {
  if (a.sku !== b.sku) return a.sku < b.sku ? -1 : 1
  return a.location < b.location ? -1 : 1
}

/** What was written as text last: all changes of a transaction have one time, and most holds one life. */
const moments = new Map<number, string>()
const MOMENTS_MAX = 1000

function moment(ms: number): string {
  const known = moments.get(ms)
  if (known !== undefined) return known
  if (moments.size === MOMENTS_MAX) moments.clear()
  const text = new Date(ms).toISOString()
  moments.set(ms, text)
  return text
}
