import type { Store } from "../engine/ports.ts"
import type { Database } from "./database.ts"
import { expire } from "./expire.ts"
import { findOverdue } from "./overdue.ts"
import { listHotItems, setHot } from "./reads/hot-items.ts"
import { listItems, putItem, readItem } from "./reads/items.ts"
import { readReservationJournal } from "./reads/journal/reservation-journal.ts"
import { readStockJournal } from "./reads/journal/stock-journal.ts"
import { readAvailability } from "./reads/levels.ts"
import { listLocations, putLocation } from "./reads/locations.ts"
import { listReservations, readReservation } from "./reads/reservations.ts"
import { readHolds, readStock } from "./reads/stock-reading.ts"

export function createStore(database: Database): Store {
  return {
    putItem: (item) => putItem(database, item),
    putLocation: (location) => putLocation(database, location),
    item: (sku) => readItem(database, sku),
    items: (filter) => listItems(database, filter),
    locations: (request) => listLocations(database, request),
    availability: (sku) => readAvailability(database, sku),
    setHot: (sku, target) => setHot(database, sku, target),
    hotItems: () => listHotItems(database),
    reservation: (id) => readReservation(database, id),
    reservations: (filter) => listReservations(database, filter),
    stockJournal: (request) => readStockJournal(database, request),
    reservationJournal: (id) => readReservationJournal(database, id),
    stockReading: (question) => readStock(database, question),
    liveHolds: (levelIds, nowMs) => readHolds(database, levelIds, nowMs),
    overdue: (limit) => findOverdue(database, limit),
    expire: (ids) => expire(database, ids),
  }
}
