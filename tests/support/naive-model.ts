/**
 * The contract once more, as simply as it can be said: every unit of stock is an object that somebody holds or nobody,
 * and requests come one at a time. It shares no code with the engine, only the types of questions and answers.
 */
import type { AllotmentCommand } from "../../src/core/allotments.ts"
import type {
  AdjustCommand,
  Command,
  HoldCommand,
  NotFoundAnswer,
  Outcome,
  ReserveCommand,
  SetSafetyStockCommand,
  Shortage,
} from "../../src/core/commands.ts"
import type { AdjustmentRecord } from "../../src/core/decision/draft.ts"
import type { Reservation, ReservationRecord, StockLevelView } from "../../src/core/model.ts"

interface Place {
  readonly sku: string
  readonly location: string
}
export interface Unit extends Place {
  /** Who holds it: the UUID of a reservation, anything else for somebody unknown, null for nobody. */
  holder: string | null
}
export interface Shelf extends Place {
  safetyStock: number
  version: number
}
export interface NaiveWorld {
  nowMs: number
  units: Unit[]
  readonly shelves: Shelf[]
  readonly skus: ReadonlySet<string>
  /** The priority of each location by its code. */
  readonly locations: ReadonlyMap<string, number>
  readonly reservations: Map<string, ReservationRecord>
  readonly adjustments: AdjustmentRecord[]
}

/** What passes between Postgres and Redis is no business of callers, and has a model of its own. */
export type NaiveCommand = Exclude<Command, AllotmentCommand>

export function answer(world: NaiveWorld, command: NaiveCommand): Outcome {
  if (command.kind === "reserve") return reserve(world, command)
  if (command.kind === "adjust") return adjust(world, command)
  if (command.kind === "set_safety_stock") return setSafetyStock(world, command)
  return changeHold(world, command)
}

function reserve(world: NaiveWorld, command: ReserveCommand): Outcome {
  const twin = [...world.reservations.values()].find(
    (r) => command.key && r.idempotencyKey === command.key.key,
  )
  if (twin && command.key) {
    const sameMeaning = command.key.accepts.some((text) => text === twin.fingerprint)
    if (!sameMeaning) return { outcome: "idempotency_key_reused", key: command.key.key }
    return { outcome: "replayed", reservation: show(world, twin) }
  }
  for (const line of command.lines) {
    const missing = notFound(world, line)
    if (missing) return missing
  }
  const replaced = command.replaces === null ? undefined : world.reservations.get(command.replaces)
  if (command.replaces !== null && replaced?.customerId !== command.customerId) {
    return { outcome: "reservation_not_found", id: wireId(command.replaces) }
  }
  if (replaced?.state === "confirmed") {
    return { outcome: "reservation_confirmed", reservation: show(world, replaced) }
  }
  if (replaced && isOverdue(world, replaced)) end(world, replaced, "expired")
  const given = replaced?.state === "held" && !isOverdue(world, replaced) ? replaced : undefined
  const trial = world.units.map((unit) => ({
    ...unit,
    holder: unit.holder === given?.id ? null : unit.holder,
  }))
  const shortages = pick({ ...world, units: trial }, command)
  if (shortages.length > 0) return { outcome: "insufficient_stock", shortages }
  if (given) end(world, given, "released")
  world.units = trial
  return { outcome: "reserved", reservation: show(world, record(world, command)) }
}

/** Marks the units of the request in a world made for the trial; answers what was missing. */
function pick(trial: NaiveWorld, { id, lines }: ReserveCommand): Shortage[] {
  const shortages: Shortage[] = []
  const grab = (units: readonly Unit[]) => {
    for (const unit of units) unit.holder = id
  }
  for (const { sku, location, quantity } of lines) {
    if (location === null) continue
    const free = freeAt(trial, { sku, location })
    if (free.length >= quantity) grab(free.slice(0, quantity))
    else shortages.push({ sku, location, requested: quantity, available: free.length })
  }
  const anywhere = lines.filter((line) => line.location === null)
  const codes = [...trial.locations.keys()].sort(byPriority(trial))
  for (const { sku, quantity } of anywhere) {
    const available = codes.flatMap((location) => freeAt(trial, { sku, location })).length
    if (available < quantity) shortages.push({ sku, requested: quantity, available })
  }
  if (shortages.length > 0) return shortages
  const serves = (location: string, line: { sku: string; quantity: number }) =>
    freeAt(trial, { sku: line.sku, location }).length >= line.quantity
  const one = codes.find((location) => anywhere.every((line) => serves(location, line)))
  for (const line of anywhere) {
    const whole = one ?? codes.find((location) => serves(location, line))
    const from = whole === undefined ? codes : [whole]
    grab(from.flatMap((location) => freeAt(trial, { sku: line.sku, location })).slice(0, line.quantity))
  }
  return []
}

function record(world: NaiveWorld, command: ReserveCommand): ReservationRecord {
  const own = world.units.filter((unit) => unit.holder === command.id)
  const lines = world.shelves
    .map(({ sku, location }) => ({
      levelId: 0,
      sku,
      location,
      quantity: own.filter(at({ sku, location })).length,
    }))
    .filter((line) => line.quantity > 0)
    .sort((a, b) => (a.sku === b.sku ? order(a.location, b.location) : order(a.sku, b.sku)))
  touch(world, lines)
  const made: ReservationRecord = {
    id: command.id,
    state: "held",
    customerId: command.customerId,
    lines,
    ttlSeconds: command.ttlSeconds,
    createdAtMs: world.nowMs,
    expiresAtMs: world.nowMs + 1000 * command.ttlSeconds,
    updatedAtMs: world.nowMs,
    reference: null,
    metadata: command.metadata,
    idempotencyKey: command.key ? command.key.key : null,
    fingerprint: command.key ? command.key.fingerprint : null,
  }
  world.reservations.set(made.id, made)
  return made
}

function changeHold(world: NaiveWorld, command: HoldCommand): Outcome {
  const found = world.reservations.get(command.id)
  if (command.kind === "expire") {
    if (!found || !isOverdue(world, found)) return { outcome: "unchanged" }
    end(world, found, "expired")
    return { outcome: "expired" }
  }
  if (!found) return { outcome: "reservation_not_found", id: wireId(command.id) }
  const now = isOverdue(world, found) ? end(world, found, "expired") : found
  const reservation = show(world, now)
  if (command.kind === "release") {
    if (now.state === "confirmed") return { outcome: "reservation_confirmed", reservation }
    if (now.state === "expired") return { outcome: "expired", reservation }
    if (now.state === "released") return { outcome: "released", reservation }
    return { outcome: "released", reservation: show(world, end(world, now, "released")) }
  }
  if (now.state === "expired") return { outcome: "reservation_expired", reservation }
  if (now.state === "released") return { outcome: "reservation_released", reservation }
  if (command.kind === "confirm") {
    if (now.state === "confirmed") return { outcome: "confirmed", reservation }
    const sold = end(world, { ...now, reference: command.reference }, "confirmed")
    return { outcome: "confirmed", reservation: show(world, sold) }
  }
  if (now.state === "confirmed") return { outcome: "reservation_confirmed", reservation }
  const untilMs = world.nowMs + 1000 * command.ttlSeconds
  if (untilMs > now.createdAtMs + 1000 * command.lifetimeMaxSeconds) {
    return { outcome: "lifetime_exceeded", reservation }
  }
  const expiresAtMs = untilMs > now.expiresAtMs ? untilMs : now.expiresAtMs
  const longer = { ...now, expiresAtMs, updatedAtMs: world.nowMs }
  world.reservations.set(longer.id, longer)
  touch(world, longer.lines)
  return { outcome: "extended", reservation: show(world, longer) }
}

/** Sold units leave the shelf, all others go back to it. */
function end(world: NaiveWorld, hold: ReservationRecord, state: "confirmed" | "released" | "expired") {
  if (state === "confirmed") world.units = world.units.filter((unit) => unit.holder !== hold.id)
  for (const unit of world.units) if (unit.holder === hold.id) unit.holder = null
  const ended: ReservationRecord = { ...hold, state, updatedAtMs: world.nowMs }
  world.reservations.set(hold.id, ended)
  touch(world, hold.lines)
  return ended
}

function adjust(world: NaiveWorld, command: AdjustCommand): Outcome {
  const { id, sku, location, delta, key } = command
  const twin = world.adjustments.find((made) => key !== null && made.idempotencyKey === key.key)
  if (twin && key) {
    const sameMeaning = key.accepts.some((text) => text === twin.fingerprint)
    if (!sameMeaning) return { outcome: "idempotency_key_reused", key: key.key }
    return { outcome: "replayed", level: look(world, twin) }
  }
  const missing = notFound(world, command)
  if (missing) return missing
  const loose = world.units.filter(at(command)).filter((unit) => unit.holder === null)
  if (loose.length + delta < 0) return { outcome: "stock_below_held", level: look(world, command) }
  const gone = new Set(loose.slice(0, Math.max(0, -delta)))
  world.units = world.units.filter((unit) => !gone.has(unit))
  for (let unit = 0; unit < delta; unit += 1) world.units.push({ sku, location, holder: null })
  shelfOf(world, command)
  touch(world, [command])
  const { key: idempotencyKey = null, fingerprint = null } = key ?? {}
  world.adjustments.push({ id, sku, location, delta, idempotencyKey, fingerprint })
  return { outcome: "adjusted", level: look(world, command) }
}

function setSafetyStock(world: NaiveWorld, command: SetSafetyStockCommand): Outcome {
  const missing = notFound(world, command)
  if (missing) return missing
  const shelf = shelfOf(world, command)
  if (shelf.version === 0 || shelf.safetyStock !== command.safetyStock) touch(world, [command])
  shelf.safetyStock = command.safetyStock
  return { outcome: "changed", level: look(world, command) }
}

function notFound(
  world: NaiveWorld,
  { sku, location }: { sku: string; location: string | null },
): NotFoundAnswer | undefined {
  if (!world.skus.has(sku)) return { outcome: "item_not_found", sku }
  if (location !== null && !world.locations.has(location)) return { outcome: "location_not_found", location }
  return undefined
}

/** The units on a shelf that may be promised: nobody's, less what is kept back. */
function freeAt(world: NaiveWorld, place: Place): Unit[] {
  const keptBack = world.shelves.find(at(place))?.safetyStock ?? 0
  return world.units.filter((unit) => unit.holder === null && at(place)(unit)).slice(keptBack)
}

/** The stock level of that place as callers see it. */
export function look(world: NaiveWorld, { sku, location }: Place): StockLevelView {
  const there = world.units.filter(at({ sku, location }))
  const { safetyStock, version } = world.shelves.find(at({ sku, location })) ?? { safetyStock: 0, version: 0 }
  const held = there.filter((unit) => unit.holder !== null).length
  const available = freeAt(world, { sku, location }).length
  return { sku, location, onHand: there.length, held, safetyStock, available, version }
}

export function show(world: NaiveWorld, found: ReservationRecord): Reservation {
  return {
    id: wireId(found.id),
    state: isOverdue(world, found) ? "expired" : found.state,
    customerId: found.customerId,
    lines: found.lines.map(({ sku, location, quantity }) => ({ sku, location, quantity })),
    ttlSeconds: found.ttlSeconds,
    expiresAt: new Date(found.expiresAtMs),
    createdAt: new Date(found.createdAtMs),
    updatedAt: new Date(found.updatedAtMs),
    reference: found.reference,
    metadata: found.metadata,
    durability: "durable",
  }
}

function shelfOf(world: NaiveWorld, { sku, location }: Place): Shelf {
  const known = world.shelves.find(at({ sku, location }))
  if (known) return known
  const shelf = { sku, location, safetyStock: 0, version: 0 }
  world.shelves.push(shelf)
  return shelf
}

/** Every change of a shelf is one version. */
function touch(world: NaiveWorld, places: readonly Place[]): void {
  for (const place of places) shelfOf(world, place).version += 1
}

function isOverdue(world: NaiveWorld, found: ReservationRecord): boolean {
  return found.state === "held" && !(world.nowMs < found.expiresAtMs)
}

function at(place: Place): (other: Place) => boolean {
  return (other) => other.sku === place.sku && other.location === place.location
}

function byPriority(world: NaiveWorld): (a: string, b: string) => number {
  const priority = (code: string) => world.locations.get(code) ?? 0
  return (a, b) => priority(a) - priority(b) || order(a, b)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function wireId(uuid: string): string {
  return `rsv_${uuid.split("-").join("")}`
}
