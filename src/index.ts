/** The library. */
export type * from "./core/commands.ts"
export { EarmarkError, ERRORS, type ErrorCode, type InputError, StartError } from "./core/errors.ts"
export type * from "./core/events/event.ts"
export type { ExplainedLevel, ExplainedLine, Explanation, Holder } from "./core/explanation.ts"
export type { JournalBalances, JournalView } from "./core/journal-view.ts"
export type { Json, Metadata, Reservation, StockLevelView } from "./core/model.ts"
export type { HoldSettings } from "./engine/context.ts"
export type { AdjustRequest, CallOptions, Engine, ReserveRequest } from "./engine/engine.ts"
export type { EventPage, ToldEvent } from "./engine/event-feed.ts"
export type { ExplainOutcome, ExplainRequest } from "./engine/explain.ts"
export type {
  JournalOrder,
  ReservationJournal,
  StockJournalOutcome,
  StockJournalPage,
  StockJournalRequest,
} from "./engine/journal.ts"
export {
  type CallerTransaction,
  type EngineObserver,
  POSTGRES_STRATEGIES,
  STRATEGIES,
  type StrategyName,
} from "./engine/ports.ts"
export type * from "./engine/verifications.ts"
export type * from "./engine/views.ts"
export { createEngine } from "./library/create-engine.ts"
export type { CreateEngineOptions } from "./library/options.ts"
export { openPool, type PoolOptions } from "./postgres/connect.ts"
export { type PipelineAnswer, PipelinedClient } from "./postgres/pipelined-client.ts"
export type { Statement, StatementResult } from "./postgres/statement.ts"
