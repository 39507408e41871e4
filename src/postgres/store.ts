import { isCode } from "../core/limits.ts"
import type { Store } from "../engine/ports.ts"
import type { AsOf } from "../engine/views.ts"
import type { Database } from "./database.ts"
import { expire } from "./expire.ts"
import { findOverdue } from "./overdue.ts"
import { readNow } from "./reads/clock.ts"
import { readHoldsSummary } from "./reads/holds-summary.ts"
import { listHotItems, setHot } from "./reads/hot-items.ts"
import { type Informed, primaryReads, type Reads } from "./reads/informing.ts"
import { listItems, putItem, readItem } from "./reads/items.ts"
import { readReservationJournal } from "./reads/journal/reservation-journal.ts"
import { readStockJournal } from "./reads/journal/stock-journal.ts"
import { readAvailability } from "./reads/levels.ts"
import { listLocations, putLocation } from "./reads/locations.ts"
import { listReservations, readReservation } from "./reads/reservations.ts"
import { readHolds, readStock } from "./reads/stock-reading.ts"
import { listVerifications } from "./reads/verifications.ts"

/**
 * Lists and availability are read wherever they may be. One item or one reservation is asked for by its name, mostly by whoever
 * has just made or changed it: that is read where it was done.
 */
export function createStore(database: Database, reads: Reads = primaryReads(database)): Store {
  const { primary } = reads
  return {
    putItem: (item) => putItem(database, item),
    putLocation: (location) => putLocation(database, location),
    item: (sku) => readItem(primary, sku),
    items: async (filter) => withAsOf(await reads.inform((reader) => listItems(reader, filter))),
    locations: async (request) => withAsOf(await reads.inform((reader) => listLocations(reader, request))),
    async availability(sku) {
      if (!isCode(sku)) return null
      // An item that is not there may have come since.
      const { value, asOf } = await reads.inform(
        (reader) => readAvailability(reader, sku),
        (found) => found !== null,
      )
      return value && { ...value, asOf }
    },
    now: () => readNow(primary),
    holdsSummary: async () => withAsOf(await reads.inform(readHoldsSummary)),
    verifications: (limit) => listVerifications(primary, limit),
    setHot: (sku, target) => setHot(database, sku, target),
    hotItems: () => listHotItems(primary),
    reservation: (id) => readReservation(primary, id),
    reservations: async (filter) =>
      withAsOf(await reads.inform((reader) => listReservations(reader, filter))),
    stockJournal: (request) => readStockJournal(database, request),
    reservationJournal: (id) => readReservationJournal(database, id),
    stockReading: (question) => readStock(database, question),
    liveHolds: (levelIds, nowMs) => readHolds(database, levelIds, nowMs),
    overdue: (limit) => findOverdue(database, limit),
    expire: (ids) => expire(database, ids),
  }
}

function withAsOf<T>({ value, asOf }: Informed<T>): AsOf<T> {
  return { ...value, asOf }
}
