import type { OverdueQuery, Store } from "../engine/ports.ts"
import { sessionOf } from "./caller-transaction.ts"
import type { Database } from "./database.ts"
import { faultKind, toEarmarkError } from "./faults.ts"
import { findOverdue, findOverdueOfLevel } from "./overdue.ts"
import { listItems, putItem, readItem } from "./reads/items.ts"
import { readAvailability } from "./reads/levels.ts"
import { listLocations, putLocation } from "./reads/locations.ts"
import { listReservations, readReservation } from "./reads/reservations.ts"
import { Autocommit, type Session } from "./transaction.ts"

export function createStore(database: Database): Store {
  return {
    putItem: (item) => putItem(database, item),
    putLocation: (location) => putLocation(database, location),
    item: (sku) => readItem(database, sku),
    items: (filter) => listItems(database, filter),
    locations: (request) => listLocations(database, request),
    availability: (sku) => readAvailability(database, sku),
    reservation: (id) => readReservation(database, id),
    reservations: (filter) => listReservations(database, filter),
    overdue: (query) => overdue(database, query),
  }
}

async function overdue(database: Database, { limit, level, tx }: OverdueQuery) {
  const find = (session: Session) =>
    level
      ? findOverdueOfLevel(session, database.schema, { ...level, limit })
      : findOverdue(session, database.schema, limit)
  if (tx) return find(sessionOf(tx))
  const connection = await Autocommit.open(database).catch(throwFault)
  try {
    return await find(connection).catch(throwFault)
  } finally {
    connection.release()
  }
}

function throwFault(error: unknown): never {
  throw toEarmarkError(error, faultKind(error))
}
