/** The journal as callers may ask for it. */
import type { NotFoundAnswer } from "../core/commands.ts"
import type { JournalView } from "../core/journal-view.ts"
import type { Page, PageRequest } from "./views.ts"

export const JOURNAL_ORDERS = ["newest", "oldest"] as const
/** Which comes first. */
export type JournalOrder = (typeof JOURNAL_ORDERS)[number]

export interface StockJournalRequest extends PageRequest {
  readonly sku: string
  /** Only this location. */
  readonly location?: string | undefined
  /** `newest` if not given. */
  readonly order?: JournalOrder | undefined
  /** What happened at this moment or later. */
  readonly since?: Date | undefined
  /** What happened before this moment. */
  readonly until?: Date | undefined
}

export interface StockJournalPage extends Page<JournalView> {
  readonly outcome: "listed"
  /** Whether the first changes of these levels are still kept. */
  readonly isComplete: boolean
  /** Null when they are; else retention has dropped what was written before. */
  readonly keptSince: Date | null
}

export type StockJournalOutcome = StockJournalPage | NotFoundAnswer

export interface ReservationJournal {
  /** Oldest first: each of its lines, each time that something happened to it. */
  readonly data: readonly JournalView[]
  /** False: it may have been extended more often than is shown, or Redis has granted it and nobody has persisted it yet. */
  readonly isComplete: boolean
}
