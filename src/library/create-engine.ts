import type { Engine } from "../engine/engine.ts"
import { parseEventsRequest, parseFollowRequest } from "../protocol/events.ts"
import { parseHotItem } from "../protocol/hot-items.ts"
import { invalidRequest } from "../protocol/input-errors.ts"
import { parseItem, parseItemFilter } from "../protocol/items.ts"
import { parseStockJournalRequest } from "../protocol/journal.ts"
import { parseWatchedSkus } from "../protocol/live.ts"
import { parseLocation, parseLocationFilter } from "../protocol/locations.ts"
import {
  parseConfirm,
  parseExplainRequest,
  parseExtend,
  parseRelease,
  parseReservationFilter,
  parseReserveRequest,
} from "../protocol/reservations.ts"
import { parseAdjustment, parseSafetyStock } from "../protocol/stock.ts"
import { parseVerificationFilter } from "../protocol/verifications.ts"
import { asEarmarkError, openEngine } from "./open-engine.ts"
import type { CreateEngineOptions } from "./options.ts"

/**
 * An engine over Postgres. Input is held to the same limits as over HTTP: what breaks one is thrown as an
 * `EarmarkError` with the code `invalid_request` and a pointer to each mistake, and nothing is changed.
 */
export async function createEngine(options: CreateEngineOptions): Promise<Engine> {
  const engine = await openEngine(options).catch((error: unknown) => {
    throw asEarmarkError(error)
  })
  return {
    ...engine,
    reserve: async (request, call) => engine.reserve(parseReserveRequest(request), call),
    confirm: async (id, input, call) => engine.confirm(id, parseConfirm(input), call),
    release: async (id, input, call) => engine.release(id, parseRelease(input), call),
    extend: async (id, input, call) => engine.extend(id, parseExtend(input), call),
    adjust: async (request, call) => engine.adjust(parseAdjustment(request), call),
    setSafetyStock: async (request, call) => engine.setSafetyStock(parseSafetyStock(request), call),
    setHot: async (request) => engine.setHot(parseHotItem(request)),
    putItem: async (item) => engine.putItem(parseItem(item)),
    putLocation: async (location) => engine.putLocation(parseLocation(location)),
    sweep: async (limit) => engine.sweep(limit === undefined ? limit : parseSweepLimit(limit)),
    events: async (request = {}) => engine.events(parseEventsRequest(request)),
    explain: async (request) => engine.explain(parseExplainRequest(request)),
    stockJournal: async (request) => engine.stockJournal(parseStockJournalRequest(request)),
    followEvents: (request = {}) => engine.followEvents(parseFollowRequest(request)),
    watchAvailability: async (skus, onChange) => engine.watchAvailability(parseWatchedSkus(skus), onChange),
    items: async (filter = {}) => engine.items(parseItemFilter(filter)),
    locations: async (request = {}) => engine.locations(parseLocationFilter(request)),
    verifications: async (request = {}) => engine.verifications(parseVerificationFilter(request)),
    reservations: async (filter = {}) => engine.reservations(parseReservationFilter(filter)),
  }
}

/** Holds that one sweep may look at: bounds what it reads, and how long it takes. */
const SWEEP_LIMIT_MAX = 10_000

function parseSweepLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= SWEEP_LIMIT_MAX) return limit
  throw invalidRequest([{ pointer: "/limit", message: `must be an integer from 1 to ${SWEEP_LIMIT_MAX}` }])
}
