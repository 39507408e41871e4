/**
 * Why a request was refused, or whether it would be now. It is decided by what decides a reserve, over what was read without
 * locking anything, and nothing is kept of it.
 */
import type { NotFoundAnswer, ReservationNotFound, ReserveCommand, Shortage } from "../core/commands.ts"
import { decide } from "../core/decision/decide.ts"
import type { Snapshot } from "../core/decision/draft.ts"
import {
  type Explanation,
  explainLine,
  type HeldStock,
  heldForReserve,
  type LiveHolds,
} from "../core/explanation.ts"
import { fromWireId } from "../core/ids.ts"
import type { RequestedLine, Reservation, ReservationRecord } from "../core/model.ts"
import { addUpLines } from "../core/requested-lines.ts"
import { situationOf } from "../core/states.ts"
import type { EngineContext } from "./context.ts"
import type { Store, Strategy } from "./ports.ts"
import type { ReserveRequest } from "./requests.ts"
import { checkTtl, NEVER_ISSUED } from "./reserve.ts"
import type { StockReading } from "./stock-reading.ts"

/** As for a reserve; a key would mean nothing, because nothing is carried out. */
export type ExplainRequest = Omit<ReserveRequest, "idempotencyKey">

export type ExplainOutcome =
  | { readonly outcome: "explained"; readonly explanation: Explanation }
  | NotFoundAnswer
  | ReservationNotFound
  | { readonly outcome: "reservation_confirmed"; readonly reservation: Reservation }

/** Of the strategy, how it sells is all that matters. */
type ExplainContext = Pick<EngineContext, "store" | "holds"> & { readonly strategy: Pick<Strategy, "name"> }

export async function explain(
  { store, strategy, holds }: ExplainContext,
  request: ExplainRequest,
): Promise<ExplainOutcome> {
  const command = commandOf(request, holds.ttlSecondsDefault)
  checkTtl(command.ttlSeconds, holds.ttlSecondsMax)
  const { lines, replaces } = command
  const reading = await store.stockReading({
    skus: [...new Set(lines.map(({ sku }) => sku))],
    locations: lines.flatMap(({ location }) => location ?? []),
    replaces,
  })
  const asksRedis = strategy.name === "redis"
  const [outcome] = decide(snapshotOf(reading, asksRedis), [command]).outcomes
  switch (outcome?.outcome) {
    case "item_not_found":
    case "location_not_found":
    case "reservation_confirmed":
      return outcome
    case "reservation_not_found":
      return { ...outcome, id: request.replaces ?? outcome.id }
    case "reserved":
      return explained(store, { command, reading, asksRedis, shortages: null })
    case "insufficient_stock":
      return explained(store, { command, reading, asksRedis, shortages: outcome.shortages })
    default:
      throw new Error(`a reserve that was only decided was answered ${outcome?.outcome}`)
  }
}

interface Decided {
  readonly command: ReserveCommand
  readonly reading: StockReading
  readonly asksRedis: boolean
  /** Null: it would succeed. */
  readonly shortages: readonly Shortage[] | null
}

async function explained(
  store: Store,
  { command, reading, asksRedis, shortages }: Decided,
): Promise<ExplainOutcome> {
  const { lines, replaces } = command
  const asked = lines.map((line) => ({ line, levels: levelsFor(line, reading.levels) }))
  const levelIds = new Set(asked.flatMap(({ levels }) => levels.map(({ id }) => id)))
  const holds = await store.liveHolds([...levelIds], reading.nowMs)
  const common = {
    asksRedis,
    credit: creditOf(reading),
    holdsOf: (levelId: number) => withoutReplaced(holds.get(levelId) ?? NO_HOLDS, replaces),
  }
  const explanation = {
    wouldSucceed: shortages === null,
    asOf: new Date(reading.nowMs),
    lines: asked.map(({ line, levels }) => {
      const shortage = shortages?.find((one) => isOf(one, line))
      return explainLine({ ...common, line, levels, shortOf: shortage?.available ?? null })
    }),
  }
  return { outcome: "explained", explanation }
}

const NO_HOLDS: LiveHolds = { count: 0, soonest: [] }

function commandOf(request: ExplainRequest, ttlSecondsDefault: number): ReserveCommand {
  const { customerId = null, metadata = {}, ttlSeconds = ttlSecondsDefault, replaces } = request
  return {
    kind: "reserve",
    id: NEVER_ISSUED,
    customerId,
    lines: addUpLines(
      request.lines.map(({ sku, quantity, location = null }) => ({ sku, quantity, location })),
    ),
    ttlSeconds,
    ttlSecondsMax: ttlSeconds,
    metadata,
    key: null,
    replaces: replaces === undefined ? null : (fromWireId(replaces) ?? NEVER_ISSUED),
  }
}

/** As if all that is overdue had been recorded, and everything that Redis may grant had been asked back. */
function snapshotOf(reading: StockReading, asksRedis: boolean): Snapshot {
  const { nowMs, levels, knownSkus, knownLocations, replaced } = reading
  return {
    nowMs,
    levels: levels.map((level) => ({ ...level, held: heldForReserve(level, asksRedis) })),
    reservations: replaced === null ? [] : [asRecorded(replaced, reading)],
    adjustments: [],
    allotments: [],
    revoked: new Map(),
    knownSkus,
    knownLocations: new Map([...knownLocations].map((code) => [code, 0])),
  }
}

/** With those of its lines that can matter: what becomes of others is not asked. */
function asRecorded(
  record: ReservationRecord,
  { nowMs, levels }: Pick<StockReading, "nowMs" | "levels">,
): ReservationRecord {
  const isOverdue = situationOf(record.state, record.expiresAtMs, nowMs) === "overdue"
  const levelIds = new Set(levels.map(({ id }) => id))
  const lines = record.lines.filter(({ levelId }) => levelIds.has(levelId))
  return { ...record, lines, state: isOverdue ? "expired" : record.state }
}

function creditOf({ replaced, nowMs }: StockReading): ReadonlyMap<number, number> {
  const isHeld = replaced !== null && situationOf(replaced.state, replaced.expiresAtMs, nowMs) === "held"
  return new Map(isHeld ? replaced.lines.map(({ levelId, quantity }) => [levelId, quantity]) : [])
}

function levelsFor({ sku, location }: RequestedLine, levels: readonly HeldStock[]): HeldStock[] {
  return levels.filter((level) => level.sku === sku && (location === null || level.location === location))
}

function isOf(shortage: { readonly sku: string; readonly location?: string }, line: RequestedLine): boolean {
  return shortage.sku === line.sku && (shortage.location ?? null) === line.location
}

/** Its units are free for this request already. */
function withoutReplaced({ count, soonest }: LiveHolds, replaces: string | null): LiveHolds {
  const others = soonest.filter(({ reservationId }) => reservationId !== replaces)
  return { count: count - (soonest.length - others.length), soonest: others }
}
