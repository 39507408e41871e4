/** What the engine needs from the outside. Postgres implements all of it; tests may put a probe in between. */
import type { Command, OutcomeOf } from "../core/commands.ts"
import type { LiveHolds } from "../core/explanation.ts"
import type { Reservation } from "../core/model.ts"
import type { ReservationJournal, StockJournalOutcome, StockJournalRequest } from "./journal.ts"
import type { StockQuestion, StockReading } from "./stock-reading.ts"
import type { Verification } from "./verifications.ts"
import type {
  AsOf,
  Availability,
  HoldsSummary,
  HotItemView,
  ItemFilter,
  ItemInput,
  ItemView,
  LocationInput,
  LocationView,
  Page,
  PageRequest,
  PutItemOutcome,
  PutLocationOutcome,
  ReservationFilter,
  SetHotOutcome,
} from "./views.ts"

export const POSTGRES_STRATEGIES = ["row-lock", "optimistic", "atomic-update", "batched"] as const
export type PostgresStrategyName = (typeof POSTGRES_STRATEGIES)[number]

export const STRATEGIES = [...POSTGRES_STRATEGIES, "redis"] as const
export type StrategyName = (typeof STRATEGIES)[number]

/** How contention for a stock level is resolved. */
export interface Strategy {
  readonly name: StrategyName
  /** Commands worth having under way at once: more would only keep others from a connection. */
  readonly sharedCommandsMax: number
  /** Decides and commits one command in a transaction of its own; retries are its business. */
  submit<C extends Command>(command: C): Promise<OutcomeOf<C>>
  /** The same inside the caller's transaction: no begin, no commit, no retry. */
  submitWithin<C extends Command>(tx: CallerTransaction, command: C): Promise<OutcomeOf<C>>
  /** Resolves once every accepted command is answered; what comes later is refused. */
  close(): Promise<void>
}

/** A Postgres transaction that the caller began and will end: a `pg` client, or what `fromDrizzle` makes of one. */
export interface CallerTransaction {
  query(statement: {
    readonly text: string
    readonly values: unknown[]
  }): Promise<{ readonly rows: Record<string, unknown>[]; readonly rowCount: number | null }>
}

/** Reads, and the catalogue, which nobody contends for. */
export interface Store {
  /** By the clock that decides deadlines, in whole milliseconds. */
  now(): Promise<Date>
  putItem(item: ItemInput): Promise<PutItemOutcome>
  putLocation(location: LocationInput): Promise<PutLocationOutcome>
  item(sku: string): Promise<ItemView | null>
  items(filter: ItemFilter): Promise<AsOf<Page<ItemView>>>
  locations(request: PageRequest): Promise<AsOf<Page<LocationView>>>
  availability(sku: string): Promise<Availability | null>
  /** At a bounded cost, however many there are. */
  holdsSummary(): Promise<AsOf<HoldsSummary>>
  /** Newest first. */
  verifications(limit: number): Promise<readonly Verification[]>
  setHot(sku: string, target: number): Promise<SetHotOutcome>
  /** Those that are hot, and those that Redis still has something of. */
  hotItems(): Promise<readonly HotItemView[]>
  reservation(id: string): Promise<Reservation | null>
  reservations(filter: ReservationFilter): Promise<AsOf<Page<Reservation>>>
  stockJournal(request: StockJournalRequest): Promise<StockJournalOutcome>
  reservationJournal(id: string): Promise<ReservationJournal | null>
  /** Reads, and locks nothing. */
  stockReading(question: StockQuestion): Promise<StockReading>
  /** By stock level: those that end first, and how many there are. */
  liveHolds(levelIds: readonly number[], nowMs: number): Promise<ReadonlyMap<number, LiveHolds>>
  /** At most so many holds past their deadline, from among the longest overdue. */
  overdue(limit: number): Promise<readonly OverdueHold[]>
  /**
   * Ends those of these holds that are overdue, all in one transaction; returns how many. Null: one of them stands in the
   * way of the others, and nothing was changed. Asking again is safe.
   */
  expire(ids: readonly string[]): Promise<number | null>
}

export interface OverdueHold {
  /** UUID. */
  readonly id: string
  readonly overdueMs: number
  /** Of those that were looked at: a basket at the end may have more. */
  readonly lines: number
}

/** What the engine tells whoever counts; called synchronously, so it must be cheap. */
export interface EngineObserver {
  operation(operation: string, outcome: string, seconds: number): void
  retry(reason: string): void
  batch(size: number): void
  queued(requests: number): void
  swept(holds: number, lagSeconds: number): void
}

export const SILENT_OBSERVER: EngineObserver = {
  operation() {},
  retry() {},
  batch() {},
  queued() {},
  swept() {},
}
