import type { Engine } from "../../engine/engine.ts"
import {
  reservationJournal,
  stockJournalPage,
  stockJournalParams,
  stockJournalQuery,
} from "../../protocol/journal.ts"
import { reservationParams } from "../../protocol/reservations.ts"
import type { HttpServer } from "../http-server.ts"
import { journalEntryToWire, stockJournalToWire } from "../journal-wire.ts"
import { describe } from "../operation.ts"
import { refusalTrouble, toProblem } from "../problems.ts"

const TAG = "Audit"

export function journalRoutes(server: HttpServer, engine: Engine): void {
  const ofStock = describe({
    id: "readStockJournal",
    tag: TAG,
    summary: "What happened to an item's stock: who, what, when, why, before and after",
    description:
      "Newest first unless asked otherwise. Pages lose nothing and repeat nothing, whatever is written meanwhile. Retention drops " +
      "whole periods, oldest first: `isComplete` and `keptSince` say so.",
    kind: "read",
    answers: { 200: { description: "A page of changes.", schema: stockJournalPage } },
    errors: ["invalid_request", "item_not_found", "location_not_found"],
  })
  server.get(
    "/v1/stock/:sku/journal",
    { schema: { ...ofStock, params: stockJournalParams, querystring: stockJournalQuery } },
    async (request, reply) => {
      const journal = await engine.stockJournal({ sku: request.params.sku, ...request.query })
      return journal.outcome === "listed"
        ? stockJournalToWire(journal)
        : toProblem(reply, refusalTrouble(journal))
    },
  )

  const ofReservation = describe({
    id: "readReservationJournal",
    tag: TAG,
    summary: "What happened to a reservation, from its beginning",
    description:
      "One entry for each line each time. A deadline that has passed is in the journal once it has been recorded.",
    kind: "read",
    answers: { 200: { description: "All of it.", schema: reservationJournal } },
    errors: ["reservation_not_found"],
  })
  server.get(
    "/v1/reservations/:id/journal",
    { schema: { ...ofReservation, params: reservationParams } },
    async (request, reply) => {
      const { id } = request.params
      const journal = await engine.reservationJournal(id)
      if (journal === null) return toProblem(reply, refusalTrouble({ outcome: "reservation_not_found", id }))
      return { data: journal.data.map(journalEntryToWire), isComplete: journal.isComplete }
    },
  )
}
