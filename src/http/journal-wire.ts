/** The journal as the wire carries it. */
import type { JournalView } from "../core/journal-view.ts"
import type { StockJournalPage } from "../engine/journal.ts"
import type { WireJournalEntry, WireStockJournalPage } from "../protocol/journal.ts"

export function journalEntryToWire(view: JournalView): WireJournalEntry {
  return {
    ...view,
    occurredAt: view.occurredAt.toISOString(),
    expiresAt: view.expiresAt?.toISOString() ?? null,
  }
}

export function stockJournalToWire({
  data,
  nextCursor,
  isComplete,
  keptSince,
}: StockJournalPage): WireStockJournalPage {
  return {
    data: data.map(journalEntryToWire),
    nextCursor,
    isComplete,
    keptSince: keptSince?.toISOString() ?? null,
  }
}
